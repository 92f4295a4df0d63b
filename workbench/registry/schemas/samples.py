"""Samples from files: rows of CSV or JSON, by the argument of run() that they are for."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.core.counting import counted
from workbench.core.errors import DataError, SchemaError
from workbench.registry.schemas.generating import DataTypes, SampleDefinition, is_sendable
from workbench.tables import column, csv_table, json_text

ANSWERS = "answers"
Say = Callable[[str], None]


def by_argument(path: Path, names: Sequence[str], say: Say) -> dict[str, Any]:
    """The sample of each of run's arguments; `say` gets a line for each guess that is not plain.

    Raises SchemaError when the file's names are others, DataError for a file that is no sample.
    """
    content = _read(path, say)
    if not is_sendable(content):
        say(f"{path}: holds longer texts than a service takes (10,000 characters), no example is made of them")
    if isinstance(content, Mapping):
        if sorted(content) != sorted(names):
            raise SchemaError(
                f"{path}: is an object with {', '.join(content) or 'nothing'}, run takes {', '.join(names)}; give a"
                " list of rows, or an object with a sample for each argument"
            )
        return dict(content)
    if len(names) != 1:
        raise SchemaError(
            f"{path}: holds rows, but run takes {counted(len(names), 'argument')} ({', '.join(names)}); give a JSON"
            " object with a sample for each"
        )
    return {names[0]: content}


def answers(path: Path, say: Say) -> dict[str, Any]:
    """Samples of what run() gives, as the schema's `output`."""
    content = _read(path, say)
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


def _read(path: Path, say: Say) -> Any:  # noqa: ANN401 - any JSON value
    if path.suffix.lower() in csv_table.SUFFIXES:
        rows, remarks = column.rows(csv_table.read(path))
        for remark in remarks:
            say(remark)
        return rows
    try:
        text = csv_table.decode(path.read_bytes(), str(path))
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); give -d a CSV or JSON file") from error
    try:
        return json_text.parse(text, str(path))
    except DataError as error:
        error.add_note("a CSV file ends with .csv, .tsv or .tab")
        raise
