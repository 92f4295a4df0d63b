"""service_schema.json from samples: each argument of run() by its kind, its columns and up to three example rows.

Writes no pickle: old files had one under `internal`. Goes into every run, so the standard library alone; numpy, pandas
and Spark are known by what their samples can do.
"""

import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from inspect import signature
from pathlib import Path
from typing import Any

from workbench.core import atomic_files
from workbench.core.counting import counted
from workbench.core.errors import SchemaError

_EXAMPLES = 3
_SPARK_ROWS = 1000
# A service takes no longer text and no larger whole number: the server's own bounds.
_LONGEST_TEXT = 10_000
_LOWEST, _HIGHEST = -(2**63), 2**63 - 1
_FORMATS = {"integer": {"format": "int64"}, "number": {"format": "double"}}
_KINDS = {bool: "boolean", int: "integer", float: "number", str: "string", list: "array", dict: "object"}


class DataTypes(IntEnum):
    """What run() gets for an argument."""

    STANDARD = 0
    NUMPY = 1
    SPARK = 2
    PANDAS = 3


@dataclass(frozen=True)
class SampleDefinition:
    """A sample of one argument: a value, an array, or a frame of some rows."""

    input_type: int
    sample: Any


def generate_schema(
    run_func: Callable[..., Any],
    inputs: Mapping[str, Any],
    outputs: Mapping[str, Any] | None = None,
    filepath: str | Path | None = None,
) -> dict[str, Any]:
    """The schema of `run_func`, also written to `filepath` when that is given.

    `inputs` and `outputs` are samples by name, each a SampleDefinition or the sample itself. Raises SchemaError unless
    `inputs` names run's arguments, no more and no fewer.
    """
    names = list(signature(run_func).parameters)
    document = schema(names, inputs, outputs, where=getattr(run_func, "__name__", "run"))
    if filepath is not None:
        write(document, Path(filepath))
    return document


def schema(
    names: Sequence[str], inputs: Mapping[str, Any], outputs: Mapping[str, Any] | None, *, where: str
) -> dict[str, Any]:
    """The content of service_schema.json for a run() that takes `names`. Raises SchemaError, opened by `where`."""
    if sorted(names) != sorted(inputs):
        raise SchemaError(
            f"{where}: run takes {counted(len(names), 'argument')} ({', '.join(names) or 'none'}), the samples are for"
            f" {len(inputs)} ({', '.join(inputs) or 'none'}); give a sample for each by its name"
        )
    document = {"input": {name: _part(name, inputs[name]) for name in names}}
    return document | ({"output": {name: _part(name, each) for name, each in outputs.items()}} if outputs else {})


def write(document: Mapping[str, Any], path: Path) -> None:
    """Write a schema whole, or not at all."""
    atomic_files.write_file(path, (json.dumps(document, indent=2, ensure_ascii=False, allow_nan=False) + "\n").encode())


def _part(name: str, given: Any) -> dict[str, Any]:  # noqa: ANN401 - a sample
    told = given if isinstance(given, SampleDefinition) else SampleDefinition(_kind(given), given)
    try:
        kind = DataTypes(told.input_type)
    except ValueError as error:
        raise SchemaError(f"{name}: there is no data type {told.input_type!r}; see DataTypes") from error
    value = _plain(told.sample, name)
    table = kind in (DataTypes.PANDAS, DataTypes.SPARK)
    if table and not (isinstance(value, list) and value and all(isinstance(row, dict) for row in value)):
        raise SchemaError(f"{name}: a sample of a frame needs a row or more, each an object of column and value")
    if kind is DataTypes.NUMPY and not (isinstance(value, list) and value):
        raise SchemaError(f"{name}: a sample of an array needs a value or more")
    swagger = _rules([value], name)
    if not isinstance(value, list):
        shown = {"example": value} if is_sendable(value) else {}
    else:
        sendable = [each for each in value if is_sendable(each)][:_EXAMPLES]
        shown = {"example": sendable} if sendable or not value else {}
    return {"type": int(kind), "swagger": swagger | shown}


def is_sendable(value: object) -> bool:
    """Whether a service takes it: its own example is no good if it does not."""
    if isinstance(value, str):
        return len(value) <= _LONGEST_TEXT
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return all(map(is_sendable, inner))


def _kind(sample: Any) -> DataTypes:  # noqa: ANN401 - a sample
    if hasattr(sample, "toPandas"):
        return DataTypes.SPARK
    if hasattr(sample, "iloc"):
        return DataTypes.PANDAS
    return DataTypes.NUMPY if getattr(sample, "ndim", 0) else DataTypes.STANDARD


def _plain(sample: Any, where: str) -> Any:  # noqa: ANN401 - any JSON value
    """A sample as JSON has it: null for what is missing."""
    if hasattr(sample, "toPandas"):
        sample = [row.asDict(recursive=True) for row in sample.limit(_SPARK_ROWS).collect()]
    elif hasattr(sample, "iloc"):
        frame = sample.to_frame() if sample.ndim == 1 else sample
        if len(set(map(str, frame.columns))) < len(frame.columns):
            raise SchemaError(f"{where}: the frame has two columns of one name; rename one")
        # Not to_json, which rounds.
        sample = frame.to_dict(orient="records")
    elif hasattr(sample, "tolist"):
        sample = sample.tolist()
    if isinstance(sample, Mapping):
        return {str(key): _plain(value, f"{where}.{key}") for key, value in sample.items()}
    if isinstance(sample, list | tuple):
        return [_plain(value, where) for value in sample]
    return _scalar(sample, where)


def _scalar(sample: Any, where: str) -> Any:  # noqa: ANN401 - any JSON value
    if sample is None or _is_missing(sample):
        return None
    if isinstance(sample, float) and math.isinf(sample):
        raise SchemaError(f"{where}: holds infinity, which JSON has not; leave it out")
    if isinstance(sample, int) and not _LOWEST <= sample <= _HIGHEST:
        raise SchemaError(f"{where}: holds a whole number of more than 64 bits, which no service takes; make it a text")
    if isinstance(sample, bool | int | float | str):
        return sample
    if hasattr(sample, "isoformat"):
        return sample.isoformat()
    raise SchemaError(f"{where}: JSON has no value such as {sample!r:.60} ({type(sample).__name__}); give a plain one")


def _is_missing(sample: Any) -> bool:  # noqa: ANN401 - a sample
    """NaN, pandas' NaT and NA: what is not equal to itself, or can't say."""
    try:
        return bool(sample != sample)  # noqa: PLR0124 - that is how NaN is known
    except TypeError:
        return True


def _rules(values: Sequence[Any], where: str) -> dict[str, Any]:
    """What all of `values` obey. Raises SchemaError for values of kinds that don't go together."""
    present = [value for value in values if value is not None]
    nullable = {"x-nullable": True} if len(present) < len(values) else {}
    kinds = {_KINDS[type(value)] for value in present}
    kind = "number" if kinds == {"integer", "number"} else next(iter(kinds), "")
    if len(kinds) > 1 and kind != "number":
        raise SchemaError(f"{where}: holds values of the kinds {', '.join(sorted(kinds))}; a schema needs one kind")
    rules: dict[str, Any] = {"type": kind, **_FORMATS.get(kind, {}), **nullable} if kind else nullable
    if kind == "array":
        rules["items"] = _rules([each for value in present for each in value], where)
    if kind == "object":
        columns = dict.fromkeys(key for value in present for key in value)
        rules["properties"] = {
            column: _rules(list(_column(present, column)), f"{where}.{column}") for column in columns
        }
    return rules


def _column(rows: Sequence[Mapping[str, Any]], name: str) -> Iterable[Any]:
    return (row.get(name) for row in rows)
