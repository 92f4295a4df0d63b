"""The body of a call, from what somebody has at hand: JSON, a table, a text, or the schema's own example.

For every front end. Judges only what it has to know to make a body; what may stand in it the service says.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import PurePath
from typing import Any

from workbench.core.counting import counted
from workbench.core.errors import DataError
from workbench.stacks.services.contract import Argument, Contract
from workbench.tables import column, csv_table, json_text
from workbench.tables.csv_table import CsvTable

_LONGEST = 60
_NUMPY = 1


@dataclass(frozen=True)
class Request:
    """A body and what it is; `remarks` tell in a line each what was made of what was given."""

    body: bytes
    media_type: str = "application/json"
    remarks: tuple[str, ...] = ()


def from_file(contract: Contract, name: str, content: bytes) -> Request:
    """The request that a file holds: CSV by the end of its name, else JSON; for a service without a schema, the text.

    Raises DataError, opened by `name`.
    """
    if contract.arguments is None:
        return _raw(content)
    if PurePath(name).suffix.lower() in csv_table.SUFFIXES:
        return _from_table(contract, csv_table.parse(content, name))
    return from_text(contract, csv_table.decode(content, name), name)


def from_text(contract: Contract, text: str, source: str) -> Request:
    """The request that JSON text is: a whole one, or the value of the one argument; one row does for a table of rows.

    For a service without a schema, the text itself. Raises DataError, opened by `source`.
    """
    if contract.arguments is None:
        try:
            return _raw(text.encode())
        except UnicodeEncodeError as error:
            raise DataError(f"{source}: holds what is no UTF-8; give it in a file") from error
    if not text.strip():
        raise DataError(f"{source}: is empty; give JSON, see: workbench service usage")
    content = json_text.parse(text, source)
    if content is None and not _takes_null(contract):
        raise DataError(f"{source}: is null, which holds no value for {', '.join(contract.names)}; give JSON with one")
    return _json(_arguments(contract, content, source[:_LONGEST]))


def from_example(contract: Contract, rows: int | None = None) -> Request:
    """The schema's own example, of tables and arrays the first `rows`. Raises DataError where there is none."""
    if contract.arguments is None:
        raise DataError("the service has no schema and so no example: run() gets the body as text; give -d")
    if lacking := [argument.name for argument in contract.arguments if "example" not in argument.swagger]:
        raise DataError(f"the schema has no example of {', '.join(lacking)}; give -d")
    found = {argument.name: _first(argument, rows) for argument in contract.arguments}
    return _json(found, *_fewer(found.values(), rows))


def invented(contract: Contract) -> Request:
    """A request of made-up values that obey the schema's rules, where it has no example."""
    return _json(
        {argument.name: argument.swagger.get("example", argument.invented()) for argument in contract.arguments or ()}
    )


def _json(arguments: Mapping[str, Any], *remarks: str) -> Request:
    return Request(json.dumps(arguments).encode(), remarks=remarks)


def _raw(content: bytes) -> Request:
    return Request(content, "text/plain; charset=utf-8")


def _arguments(contract: Contract, content: Any, source: str) -> dict[str, Any]:  # noqa: ANN401 - any JSON value
    names = contract.names
    single = (contract.arguments or ())[0] if len(names) == 1 else None
    if isinstance(content, dict) and content.keys() == set(names) and not _is_row(content, single):
        found = content
    elif single:
        found = {single.name: [content] if single.columns is not None and isinstance(content, dict) else content}
    else:
        there = f"an object with {', '.join(content) or 'nothing'}" if isinstance(content, dict) else "no object"
        raise DataError(f"{source}: is {there}; the service takes {', '.join(names)}: give an object with all of them")
    for argument in contract.arguments or ():
        rows = found[argument.name]
        if argument.columns is not None and not (isinstance(rows, list) and all(isinstance(row, dict) for row in rows)):
            raise DataError(
                f"{source}: holds no list of rows for {argument.name}, each an object of column and value;"
                " see: workbench service usage"
            )
    return found


def _takes_null(contract: Contract) -> bool:
    """Whether the one argument may be null: it says so, or takes anything."""
    swaggers = [argument.swagger for argument in contract.arguments or ()]
    return len(swaggers) == 1 and (not swaggers[0].get("type") or swaggers[0].get("x-nullable") is True)


def _is_row(content: Mapping[str, Any], argument: Argument | None) -> bool:
    """Whether it is a row of a table whose one column has the argument's name."""
    return bool(argument and argument.columns and content.keys() == argument.columns.keys()) and not any(
        isinstance(each, list) for each in content.values()
    )


def _first(argument: Argument, rows: int | None) -> Any:  # noqa: ANN401 - any JSON value
    example = argument.swagger["example"]
    cut = isinstance(example, list) and (argument.columns is not None or argument.type == _NUMPY)
    return example[:rows] if cut else example


def _fewer(examples: Sequence[Any] | Any, rows: int | None) -> list[str]:  # noqa: ANN401 - values of a dict
    most = max((len(example) for example in examples if isinstance(example, list)), default=0)
    return [f"the schema's example has {counted(most, 'row')}, not {rows}"] if rows and 0 < most < rows else []


def _from_table(contract: Contract, table: CsvTable) -> Request:
    names = contract.names
    if len(names) != 1:
        raise DataError(f"{table.source}: holds one table, the service takes {', '.join(names)}; give JSON with all")
    (argument,) = contract.arguments or ()
    if argument.columns is not None:
        chosen, remarks = _chosen(table, argument.columns)
        kinds = {name: str(rules.get("type", "")) for name, rules in argument.columns.items()}
        rows, told = column.rows(chosen, {name: kind for name, kind in kinds.items() if kind in column.KINDS})
        _check_present(table, rows, argument.columns)
        return _json({argument.name: rows}, *remarks, *told)
    if argument.depth not in (1, 2) or (argument.depth == 1 and len(table.names) > 1):
        raise DataError(f"{table.source}: holds a table, the service takes {argument.words()}; give JSON")
    rows, told = column.rows(table, dict.fromkeys(table.names, argument.kind) if argument.kind else None)
    values: list[Any] = [list(row.values()) for row in rows]
    return _json({argument.name: values if argument.depth > 1 else [value for (value,) in values]}, *told)


def _check_present(table: CsvTable, rows: Sequence[Mapping[str, Any]], columns: Mapping[str, Any]) -> None:
    """Raise DataError for a missing value in a column that must have one: the service knows no lines of a file."""
    needed = [name for name, rules in columns.items() if rules.get("type") and rules.get("x-nullable") is not True]
    for line, row in zip(table.lines, rows, strict=True):
        if name := next((name for name in needed if row[name] is None), None):
            raise DataError(
                f"{table.source}: line {line}, column {name!r}: has no value; the service takes none without"
            )


def _chosen(table: CsvTable, wanted: Mapping[str, Any]) -> tuple[CsvTable, list[str]]:
    """The columns that a service takes, under its names. Case decides only between names that differ in it alone."""
    there = {name.lower(): place for place, name in enumerate(table.names)}
    exact = {name: place for place, name in enumerate(table.names)}
    places = {name: exact.get(name, there.get(name.lower())) for name in wanted}
    if lacking := [name for name, place in places.items() if place is None]:
        raise DataError(
            f"{table.source}: lacks the column {', '.join(map(repr, lacking[:10]))}, which the service takes"
        )
    found = [place for place in places.values() if place is not None]
    extra = [name for place, name in enumerate(table.names) if place not in found]
    told = [f"{table.source}: the service does not take {', '.join(extra)}; left out"] if extra else []
    return replace(table, names=tuple(wanted), columns=tuple(table.columns[place] for place in found)), told
