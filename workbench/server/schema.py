"""The service schema: which arguments `run` takes, and the rules for what may stand in each. Facts only.

Only `swagger` of `service_schema.json` is read. Old files hold a pickle in `internal`: it stays untouched text, and
tells that the file says nothing of missing values, so that all of its columns may be null.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import orjson

from workbench.server.errors import StartError

KINDS: Final = ("integer", "number", "string", "boolean")
LOWEST_INTEGER, HIGHEST_INTEGER = -(2**63), 2**63 - 1


@dataclass(frozen=True)
class Column:
    """The rules for one value: `kind` is its swagger type, "" takes anything; categories and bounds are inclusive."""

    name: str
    kind: str
    nullable: bool = False
    categories: tuple[Any, ...] | None = None
    minimum: float | None = None
    maximum: float | None = None


@dataclass(frozen=True)
class Argument:
    """One named argument of `run`.

    `type` is the file's: 0 standard, 1 numpy, 2 Spark, 3 pandas. A table has `columns`, rules by name; a nest of
    lists has `item`, the rule of what stands innermost, `depth` lists deep (0: a bare value). Others have neither.
    """

    name: str
    type: int
    swagger: Mapping[str, Any]
    columns: Mapping[str, Column] | None = None
    item: Column | None = None
    depth: int = 0


@dataclass(frozen=True)
class Schema:
    arguments: tuple[Argument, ...]
    outputs: tuple[Mapping[str, Any], ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(argument.name for argument in self.arguments)

    def rows(self, arguments: Mapping[str, Any]) -> int | None:
        """Count the rows a checked request asks for; None when its tables don't agree or there is none."""
        tables = self._tables
        if len(tables) == 1:
            return len(arguments[tables[0]])
        counts = {len(arguments[name]) for name in tables}
        return counts.pop() if len(counts) == 1 else None

    @cached_property
    def _tables(self) -> list[str]:
        return [argument.name for argument in self.arguments if argument.columns is not None]

    def examples(self) -> dict[str, Any] | None:
        """The arguments of an example request; None unless every argument has an example."""
        found = {
            argument.name: argument.swagger["example"] for argument in self.arguments if "example" in argument.swagger
        }
        return found if len(found) == len(self.arguments) else None


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
    where = f"input.{name}"
    if not name.isidentifier():
        raise ValueError(f"{where} can't be an argument of run")
    swagger = _swagger(part, where)
    described = _object(part, where)
    kind, old = described.get("type", 0), "internal" in described
    if kind not in (0, 1, 2, 3):
        raise ValueError(f"{where}.type is {kind!r}; it is 0 standard, 1 numpy, 2 Spark or 3 pandas")
    inner, depth = swagger, 0
    while inner.get("type") == "array" and isinstance(inner.get("items"), dict):
        inner, depth = inner["items"], depth + 1
    if inner.get("type") == "object" and depth == 1:
        properties = _object(inner.get("properties"), f"{where}.swagger.items.properties")
        columns = {column: _column(column, each, f"{where}.{column}", old=old) for column, each in properties.items()}
        return Argument(name, kind, swagger, columns=columns)
    if inner.get("type") in KINDS:
        return Argument(name, kind, swagger, item=_column(name, inner, where, old=False), depth=depth)
    return Argument(name, kind, swagger)


def _column(name: str, part: object, where: str, *, old: bool) -> Column:
    described = _object(part, where)
    kind = described.get("type")
    categories = described.get("enum")
    if categories is not None and not (
        isinstance(categories, list) and any(category is not None for category in categories)
    ):
        raise ValueError(f"{where}.enum is not a list of values")
    if kind == "string" and not all(isinstance(category, str) for category in categories or () if category is not None):
        raise ValueError(f"{where}.enum holds other values than texts")
    return Column(
        name,
        kind if kind in KINDS else "",
        nullable=old or described.get("x-nullable") is True,
        categories=None if categories is None else tuple(category for category in categories if category is not None),
        minimum=_bound(described.get("minimum"), kind, f"{where}.minimum"),
        maximum=_bound(described.get("maximum"), kind, f"{where}.maximum"),
    )


def _bound(value: object, kind: object, where: str) -> float | None:
    if value is not None and (isinstance(value, bool) or not isinstance(value, (int, float))):
        raise ValueError(f"{where} is {value!r}, not a number")
    return float(value) if kind == "number" and value is not None else value


def _swagger(part: object, where: str) -> dict[str, Any]:
    return _object(_object(part, where).get("swagger"), f"{where}.swagger")


def _object(value: object, where: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise ValueError(f"{where} is not an object")  # noqa: TRY004 - a wrong file is a wrong value to its reader
    return value
