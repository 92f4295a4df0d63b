"""The service schema: which arguments a request must bring, and which columns a table argument has.

Only `swagger` of `service_schema.json` is read. Old files hold a pickle in `internal`: it stays untouched text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import orjson

from scoring.errors import Code, RequestError, StartError

LONGEST_ECHO: Final = 64
MISSING: Final = (None, "\\N")  # JSON's own, and what the telco's files write
KINDS: Final[Mapping[str, tuple[type, ...]]] = {
    "integer": (int,),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
}


@dataclass(frozen=True)
class Argument:
    """One named argument of `run`; `columns` maps names to swagger types, None unless it is a table of rows."""

    name: str
    swagger: Mapping[str, Any]
    columns: Mapping[str, str] | None


@dataclass(frozen=True)
class Schema:
    arguments: tuple[Argument, ...]
    outputs: tuple[Mapping[str, Any], ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(argument.name for argument in self.arguments)

    def check(self, body: object) -> dict[str, Any]:
        """Take the arguments of `run` from a decoded body; raises RequestError naming the argument, row and column."""
        if not isinstance(body, dict):
            raise bad_input(f"the body must be an object with the arguments {_listed(self.names)}")
        if missing := [name for name in self.names if name not in body]:
            raise bad_input(f"the argument {_quoted(missing[0])} is missing; the service takes {_listed(self.names)}")
        if unknown := [name for name in body if name not in self.names]:
            raise bad_input(f"there is no argument {_quoted(unknown[0])}; the service takes {_listed(self.names)}")
        for argument in self.arguments:
            if argument.columns is not None:
                check_table(argument.name, argument.columns, body[argument.name])
        return body

    def rows(self, arguments: Mapping[str, Any]) -> int | None:
        """Count the rows a checked request asks for; None when its tables don't agree or there is none."""
        counts = {len(arguments[argument.name]) for argument in self.arguments if argument.columns is not None}
        return counts.pop() if len(counts) == 1 else None


def check_table(argument: str, columns: Mapping[str, str], table: object) -> None:
    """Rows are counted from 0, as the caller's own list is."""
    if not isinstance(table, list):
        raise bad_input(f"{argument} must be a list of row objects")
    for number, row in enumerate(table):
        if not isinstance(row, dict):
            raise bad_input(f"{argument}, row {number}: a row must be an object of columns")
        if missing := sorted(columns.keys() - row.keys()):
            raise bad_input(f"{argument}, row {number}: the column {_quoted(missing[0])} is missing")
        if unknown := sorted(row.keys() - columns.keys()):
            raise bad_input(f"{argument}, row {number}: there is no column {_quoted(unknown[0])}")
        for column, value in row.items():
            if not fits(value, columns[column]):
                shown = _quoted(value if isinstance(value, str) else orjson.dumps(value).decode())
                raise bad_input(f"{argument}, row {number}, column {_quoted(column)}: {shown} is no {columns[column]}")


def fits(value: object, kind: str) -> bool:
    """Tell whether a cell has its column's swagger type; a missing one has every type, a kind not known takes all."""
    if value in MISSING:
        return True
    if kind == "integer" and isinstance(value, float):
        return value.is_integer()
    allowed = KINDS.get(kind)
    return allowed is None or (isinstance(value, allowed) and isinstance(value, bool) is (kind == "boolean"))


def read_schema(path: Path) -> Schema:
    """Read the schema in `service_schema.json`; raises StartError naming the file and the key."""
    try:
        return parse_schema(orjson.loads(path.read_bytes()))
    except OSError as error:
        raise StartError(f"{path}: {error.strerror}; the manifest names it: build the image again") from error
    except ValueError as error:
        raise StartError(f"{path}: {error}; write the schema again and register a new manifest") from error


def parse_schema(document: object) -> Schema:
    """Make a schema of its JSON; raises ValueError naming the key."""
    inputs = _object(document, "the file").get("input")
    outputs = _object(document, "the file").get("output") or {}
    return Schema(
        arguments=tuple(_argument(name, part) for name, part in _object(inputs, "input").items()),
        outputs=tuple(_swagger(part, f"output.{name}") for name, part in _object(outputs, "output").items()),
    )


def _argument(name: str, part: object) -> Argument:
    if not name.isidentifier():
        raise ValueError(f"input.{name} can't be an argument of run")
    swagger = _swagger(part, f"input.{name}")
    items = swagger.get("items")
    is_table = swagger.get("type") == "array" and isinstance(items, dict) and items.get("type") == "object"
    if not is_table:
        return Argument(name, swagger, None)
    properties = _object(_object(items, "items").get("properties"), f"input.{name}.swagger.items.properties")
    return Argument(
        name, swagger, {column: str(_object(each, column).get("type")) for column, each in properties.items()}
    )


def _swagger(part: object, where: str) -> dict[str, Any]:
    return _object(_object(part, where).get("swagger"), f"{where}.swagger")


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not an object")  # noqa: TRY004 - a wrong file is a wrong value to its reader
    return value


def _quoted(text: str) -> str:
    """Show what the caller sent, on one line and of bounded length."""
    return repr(text if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + "…")


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"


def bad_input(message: str) -> RequestError:
    return RequestError(Code.BAD_INPUT, message)
