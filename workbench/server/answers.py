"""What a script returns, as JSON: everything that has one plain meaning there, whatever library made it.

JSON has no NaN, no infinity and no missing date: they are null. Dates and times are ISO 8601, durations seconds. A
frame is a list of row objects, a series or an array a list; bytes are text in UTF-8. What has no such meaning is
refused by name.
"""

import dataclasses
import json
import math
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePath
from typing import Any, Final
from uuid import UUID

import numpy as np
import orjson

# How orjson writes a missing date of an array: as a date like any other.
FALSE_DATES: Final = (b"1970-01-01T00:00:00", b"1677-09-21T00:12:43")
MIDNIGHT: Final = b"T00:"
NUMBERS: Final = "biuf"
WIDEST: Final = 8  # bytes of a number that orjson knows
MISSING: Final = ("NAType", "NaTType")  # pandas' own; pandas is not at hand here


def encode(value: object) -> bytes:
    """Write it as JSON; raises TypeError, ValueError or RecursionError for what JSON can't hold."""
    content = encode_quickly(value)
    if content is not None:
        return content
    # The standard library writes whole numbers of any size.
    return json.dumps(plain(value), ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()


def encode_quickly(value: object) -> bytes | None:
    """Write what orjson knows, which is nearly all; None for what needs `plain` first."""
    try:
        content = orjson.dumps(value, option=orjson.OPT_SERIALIZE_NUMPY)
    except TypeError:
        return None
    return None if MIDNIGHT in content and any(each in content for each in FALSE_DATES) else content


def plain(value: Any) -> Any:  # noqa: ANN401, C901, PLR0911 - one line a kind of value
    """Python's own None, bool, int, float, str, list and dict for any value that has a plain meaning."""
    if value is None or isinstance(value, (bool, np.bool_)):
        return None if value is None else bool(value)
    if isinstance(value, Enum):
        return plain(value.value)
    if isinstance(value, str):
        return value.encode(errors="replace").decode()  # half a character is in no UTF-8
    if isinstance(value, (date, time, timedelta, np.datetime64, np.timedelta64)):
        return _moment(value)
    if isinstance(value, (int, np.integer)):
        return int(value)
    if isinstance(value, (float, Decimal, Fraction, np.floating)):
        return _number(value)
    if isinstance(value, (bytes, bytearray, memoryview)):
        return bytes(value).decode()
    if isinstance(value, Mapping):
        return _object(value.items())
    if isinstance(value, (UUID, PurePath)):
        return str(value)
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, np.void):
        return _object((name, value[name]) for name in value.dtype.names or ())
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        names = [field.name for field in dataclasses.fields(value) if not field.name.startswith("_")]
        return _object((name, getattr(value, name)) for name in names)
    return _foreign(value)


def _foreign(value: Any) -> Any:  # noqa: ANN401, PLR0911 - known by what it can do, since its library is not at hand here
    """A value of a library: pandas, polars, SciPy, PyTorch, pydantic and those that do as they do."""
    kind = type(value)
    if kind.__name__ in MISSING:
        return None
    if hasattr(kind, "iloc") and hasattr(kind, "columns"):
        return _frame(value)
    if isinstance(getattr(value, "dtype", None), np.dtype) and hasattr(kind, "to_numpy"):
        return plain(value.to_numpy())
    for method in ("model_dump", "to_dicts", "toarray", "tolist", "to_list"):
        if callable(getattr(kind, method, None)):
            return plain(getattr(value, method)())
    if isinstance(value, AbstractSet):
        found = [plain(each) for each in value]
        return sorted(found, key=lambda each: (str(type(each)), each)) if _sorts(found) else found
    if isinstance(value, Iterable) and not isinstance(value, type):
        return [plain(each) for each in value]
    if kind.__module__.partition(".")[0] == "pandas":  # a period, an interval
        return str(value)
    raise TypeError(f"JSON has nothing for {kind.__module__}.{kind.__qualname__}")


def _sorts(found: list[Any]) -> bool:
    return all(isinstance(each, (str, int, float)) for each in found)


def _frame(frame: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - a pandas frame
    names = list(_object((name, None) for name in frame.columns))
    if not names:
        return [{} for _ in frame.index]
    columns = [plain(frame.iloc[:, number]) for number in range(len(names))]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _array(array: np.ndarray[Any, Any]) -> Any:  # noqa: ANN401 - a nest of lists, or a value
    if array.dtype.kind in NUMBERS and array.dtype.itemsize <= WIDEST and array.ndim and not np.ma.isMaskedArray(array):
        native = np.ascontiguousarray(array, dtype=array.dtype.newbyteorder("="))
        return orjson.loads(orjson.dumps(native.view(np.ndarray), option=orjson.OPT_SERIALIZE_NUMPY))
    if np.ma.isMaskedArray(array) or type(array) is not np.ndarray:
        return plain(array.tolist())
    return [plain(each) for each in array] if array.ndim else plain(array[()])


def _object(items: Iterable[tuple[Any, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, each in items:
        name = _key(key)
        if name in found:
            raise TypeError(f"two keys are both {name!r} in JSON")
        found[name] = plain(each)
    return found


def _key(key: object) -> str:
    """A key's own JSON as a text; several levels of a frame's columns are joined by a dot."""
    if isinstance(key, tuple):
        return ".".join(_key(each) for each in key)
    value = plain(key)
    if isinstance(value, (list, dict)):
        raise TypeError(f"{type(key).__name__} can't be a key in JSON")
    return value if isinstance(value, str) else json.dumps(value)


def _number(value: Any) -> float | None:  # noqa: ANN401 - any kind of number
    # A short float has few digits that count; widened, it would show many that don't.
    number = float(str(value)) if isinstance(value, np.floating) else float(value)
    return number if math.isfinite(number) else None


def _moment(value: Any) -> str | float | None:  # noqa: ANN401 - Python's, NumPy's and pandas' own kinds
    """ISO 8601, or seconds; None for one that is missing. NumPy's as orjson writes them, to the microsecond."""
    if value != value or type(value).__name__ in MISSING:  # noqa: PLR0124 - so says a missing one
        return None
    if isinstance(value, np.timedelta64):
        return float(value / np.timedelta64(1, "s"))
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, np.datetime64):
        exact = value.astype("datetime64[us]")
        found = exact.item()
        return found.isoformat() if isinstance(found, datetime) else str(exact)
    return str(value.isoformat())
