"""JSON from people, strictly: what Python's reader would drop, change or invent is refused."""

import json
import math
from typing import Any, NoReturn

from workbench.core.errors import DataError


def parse(text: str, source: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value of a JSON text. Raises DataError, opened by `source`.

    A key twice in one object, NaN, infinity, a number beyond a double, and nesting without end are refused.
    """
    try:
        return json.loads(text, object_pairs_hook=_once_each, parse_constant=_no_constant, parse_float=_finite)
    except RecursionError as error:
        raise DataError(f"{source}: is nested too deep") from error
    except ValueError as error:
        raise DataError(f"{source}: is not JSON ({error})") from error


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"the key {next(name for name in names if names.count(name) > 1)!r:.80} stands twice")
    return found


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    if not math.isfinite(value := float(text)):
        raise ValueError(f"{text[:40]} is too large for a double")
    return value
