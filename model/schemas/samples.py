"""Samples from files: rows of CSV or JSON, by the argument of run() that they are for."""

import csv
import io
import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from model.errors import SchemaError
from model.schemas.generating import DataTypes, SampleDefinition

ANSWERS = "answers"
_WHOLE = re.compile(r"-?(0|[1-9]\d{0,17})")
_NUMBER = re.compile(r"-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?")
_TRUTH = {"true": True, "false": False}


def by_argument(path: Path, names: Sequence[str]) -> dict[str, Any]:
    """The sample of each of run's arguments. Raises SchemaError when the file's names are others."""
    content = _read(path)
    if isinstance(content, Mapping):
        if sorted(content) != sorted(names):
            raise SchemaError(
                f"{path}: is an object with {', '.join(content) or 'nothing'}, run takes {', '.join(names)}; give a"
                " list of rows, or an object with a sample for each argument"
            )
        return dict(content)
    if len(names) != 1:
        raise SchemaError(
            f"{path}: holds rows, but run takes {len(names)} arguments ({', '.join(names)}); give a JSON object with a"
            " sample for each"
        )
    return {names[0]: content}


def answers(path: Path) -> dict[str, Any]:
    """Samples of what run() gives, as the schema's `output`."""
    content = _read(path)
    return {ANSWERS: SampleDefinition(DataTypes.STANDARD, content)}


def typed(samples: Mapping[str, Any], kinds: Sequence[str]) -> dict[str, SampleDefinition]:
    """Samples with what run() shall get: a frame for rows, else plain values; `kinds` are `[ARGUMENT=]TYPE`."""
    chosen: dict[str, DataTypes] = {}
    for each in kinds:
        name, _, kind = each.rpartition("=")
        if kind.upper() not in DataTypes.__members__ or name not in {"", *samples}:
            known = ", ".join(member.lower() for member in DataTypes.__members__)
            raise SchemaError(
                f"--type {each}: write [ARGUMENT=]TYPE with an argument of run ({', '.join(samples)}), one of {known}"
            )
        chosen |= dict.fromkeys([name] if name else samples, DataTypes[kind.upper()])
    return {name: SampleDefinition(chosen.get(name, _usual(value)), value) for name, value in samples.items()}


def _usual(value: Any) -> DataTypes:  # noqa: ANN401 - any JSON value
    rows = isinstance(value, list) and value and all(isinstance(each, dict) for each in value)
    return DataTypes.PANDAS if rows else DataTypes.STANDARD


def _read(path: Path) -> Any:  # noqa: ANN401 - any JSON value
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise SchemaError(f"{path}: cannot be read ({error.strerror}); give -d a CSV or JSON file") from error
    except UnicodeDecodeError as error:
        raise SchemaError(f"{path}: is not UTF-8 ({error.reason} at byte {error.start}); save it as UTF-8") from error
    if path.suffix.lower() == ".csv":
        return _rows(text, path)
    try:
        return json.loads(text)
    except ValueError as error:
        raise SchemaError(f"{path}: is not JSON ({error}); a CSV file ends with .csv") from error


def _rows(text: str, path: Path) -> list[dict[str, Any]]:
    """Rows of a CSV file. A column is of numbers if all of its cells are; an empty cell is null."""
    head, *lines = list(csv.reader(io.StringIO(text, newline=""))) or [[]]
    if not head or not lines or len(set(head)) < len(head) or "" in head:
        raise SchemaError(f"{path}: needs a first line with a name for each column, none twice, and a row or more")
    lines = [line for line in lines if line]
    for number, line in enumerate(lines, 2):
        if len(line) != len(head):
            raise SchemaError(f"{path}: row {number} has {len(line)} cells, the first line names {len(head)}; mend it")
    columns = [_column([line[place] for line in lines]) for place in range(len(head))]
    return [dict(zip(head, cells, strict=True)) for cells in zip(*columns, strict=True)]


def _column(cells: Sequence[str]) -> list[Any]:
    present = [cell for cell in cells if cell]
    if present and all(cell.lower() in _TRUTH for cell in present):
        return [_TRUTH[cell.lower()] if cell else None for cell in cells]
    if present and all(_WHOLE.fullmatch(cell) for cell in present):
        return [int(cell) if cell else None for cell in cells]
    if present and all(_NUMBER.fullmatch(cell) for cell in present):
        return [float(cell) if cell else None for cell in cells]
    return [cell or None for cell in cells]
