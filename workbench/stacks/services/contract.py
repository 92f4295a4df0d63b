"""What a service takes and gives, as its schema tells it: for every front end that calls one. Calls nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.tables.column import KINDS

_NUMPY, _SPARK, _PANDAS = 1, 2, 3
_MADE = {_NUMPY: " (an array for run)", _SPARK: " (a frame for run)", _PANDAS: " (a frame for run)"}
_INVENTED: Mapping[str, Any] = {"integer": 0, "number": 0.0, "boolean": False, "string": ""}


@dataclass(frozen=True)
class Argument:
    """One argument of run: a table has `columns` (the rules of each), else `kind` stands innermost, `depth` lists deep.

    `kind` is "" where anything may stand; `type` is the schema's: 0 standard, 1 numpy, 2 Spark, 3 pandas.
    """

    name: str
    type: int
    swagger: Mapping[str, Any]
    columns: Mapping[str, Mapping[str, Any]] | None = None
    kind: str = ""
    depth: int = 0

    @property
    def rules(self) -> Mapping[str, Any]:
        """The rules of what stands innermost."""
        found = self.swagger
        for _ in range(self.depth):
            found = found["items"]
        return found

    def words(self) -> str:
        """What stands there, in a line."""
        made = _MADE.get(self.type, "")
        if self.columns is not None:
            columns = ", ".join(f"{name}: {_kind(rules)}" for name, rules in self.columns.items())
            return f"a list of rows, each {{{columns}}}{made}"
        if not self.kind and not self.depth:
            return "any JSON" + made
        inner = _kind(self.rules)
        return f"a list of {'lists of ' * (self.depth - 1)}{inner}{made}" if self.depth else f"{inner}{made}"

    def invented(self) -> Any:  # noqa: ANN401 - any JSON value
        """A value that obeys the rules, for want of an example."""
        if self.columns is not None:
            return [{name: _invented(rules) for name, rules in self.columns.items()}]
        value = _invented(self.rules)
        for _ in range(self.depth):
            value = [value]
        return value


@dataclass(frozen=True)
class Contract:
    """`arguments` are run's by their names; None without a schema, where run gets the body as text."""

    arguments: tuple[Argument, ...] | None
    answers: tuple[Argument, ...] = ()

    @property
    def names(self) -> list[str]:
        """The names of run's arguments; none without a schema."""
        return [argument.name for argument in self.arguments or ()]

    def words(self) -> list[str]:
        """A line for each argument and for the answer, as far as the schema tells them."""
        if self.arguments is None:
            return ["takes: any text, as the body; there is no schema"]
        told = [f"takes {argument.name}: {argument.words()}" for argument in self.arguments]
        return [*told, *(f"answers {answer.words()}" for answer in self.answers)]


def of(document: Mapping[str, Any] | None) -> Contract:
    """The contract that the content of a service_schema.json is; of None, that of a service without a schema."""
    if document is None:
        return Contract(None)
    return Contract(_arguments(document.get("input") or {}), _arguments(document.get("output") or {}))


def _arguments(parts: Mapping[str, Any]) -> tuple[Argument, ...]:
    return tuple(_argument(name, part.get("type", 0), part.get("swagger") or {}) for name, part in parts.items())


def _argument(name: str, kind: int, swagger: Mapping[str, Any]) -> Argument:
    inner, depth = swagger, 0
    while inner.get("type") == "array" and isinstance(inner.get("items"), Mapping):
        inner, depth = inner["items"], depth + 1
    if inner.get("type") == "object" and depth == 1:
        return Argument(name, kind, swagger, columns=inner.get("properties") or {})
    found = inner.get("type", "")
    return Argument(name, kind, swagger, kind=found if found in KINDS else "", depth=depth)


def _kind(rules: Mapping[str, Any]) -> str:
    if isinstance(rules.get("enum"), list):
        return " or ".join(str(rule) for rule in rules["enum"][:5]) + (" or …" if rules["enum"][5:] else "")
    return str(rules.get("type", "anything")) + (" or null" if rules.get("x-nullable") is True else "")


def _invented(rules: Mapping[str, Any]) -> Any:  # noqa: ANN401 - any JSON value
    values = [each for each in rules.get("enum") or () if each is not None]
    bounds = [rules[key] for key in ("minimum", "maximum") if rules.get(key) is not None]
    return next(iter([*values, *bounds]), _INVENTED.get(str(rules.get("type")), None))
