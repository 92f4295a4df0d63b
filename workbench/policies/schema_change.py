"""What another service schema means for callers who know the old one: nothing, more freedom, or broken requests.

Judges by the server's rules: a row has exactly the columns of the schema, so a column more or less breaks callers. An
answer may bring more than its readers know, never less or something else. Pure.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

Verdict = Literal["same", "compatible", "widening", "breaking"]
Side = Literal["send", "get"]
_SHOWN = 6
_WIDER = {("integer", "number")}
_BOUNDS = (("minimum", 1), ("maximum", -1))


@dataclass(frozen=True)
class FieldChange:
    """One difference: in what callers `send` or `get`, where, and what it is now."""

    side: Side
    field: str
    what: str
    breaking: bool

    def line(self) -> str:
        """For people."""
        return f"{'callers send' if self.side == 'send' else 'callers get'} {self.field}: {self.what}"


@dataclass(frozen=True)
class SchemaChange:
    """`same`: the same bytes' meaning; `compatible`: other words or examples alone."""

    verdict: Verdict
    fields: tuple[FieldChange, ...] = ()

    @property
    def breaks(self) -> list[FieldChange]:
        """The fields that callers stumble over."""
        return [field for field in self.fields if field.breaking]


def compare(old: Mapping[str, Any], new: Mapping[str, Any]) -> SchemaChange:
    """Compare two contents of service_schema.json."""
    if old == new:
        return SchemaChange("same")
    fields = (*_named(old, new, "input", "send"), *_named(old, new, "output", "get"))
    if not fields:
        return SchemaChange("compatible")
    return SchemaChange("breaking" if any(field.breaking for field in fields) else "widening", fields)


def _named(old: Mapping[str, Any], new: Mapping[str, Any], part: str, side: Side) -> Iterator[FieldChange]:
    """Arguments, or answers; an answer's name is no part of what callers get."""
    before, after = _mapping(old.get(part)), _mapping(new.get(part))
    if side == "get" and len(before) == len(after) == 1:
        after = dict(zip(before, after.values(), strict=True))
    yield from _missing_and_new(before, after, side, "")
    for name in before.keys() & after.keys():
        yield from _value(
            _mapping(_mapping(before[name]).get("swagger")), _mapping(_mapping(after[name]).get("swagger")), side, name
        )


def _value(old: Mapping[str, Any], new: Mapping[str, Any], side: Side, where: str) -> Iterator[FieldChange]:
    one, two = old.get("type"), new.get("type")
    if one != two:
        wider = (side == "send" and (one, two) in _WIDER) or (side == "get" and (two, one) in _WIDER)
        yield FieldChange(side, where, f"was {one or 'anything'}, is {two or 'anything'}", not (wider or not two))
        return
    yield from _null(old, new, side, where)
    if one == "array":
        yield from _value(_mapping(old.get("items")), _mapping(new.get("items")), side, f"{where}[]")
    elif one == "object":
        before, after = _mapping(old.get("properties")), _mapping(new.get("properties"))
        yield from _missing_and_new(before, after, side, f"{where}.")
        for name in sorted(before.keys() & after.keys()):
            yield from _value(_mapping(before[name]), _mapping(after[name]), side, f"{where}.{name}")
    else:
        yield from _categories(old, new, side, where)
        yield from _bounds(old, new, side, where)


def _missing_and_new(
    before: Mapping[str, Any], after: Mapping[str, Any], side: Side, where: str
) -> Iterator[FieldChange]:
    for name in sorted(before.keys() - after.keys()):
        yield FieldChange(
            side, f"{where}{name}", "is gone" + (", and refused" if side == "send" else ""), breaking=True
        )
    for name in sorted(after.keys() - before.keys()):
        yield FieldChange(
            side, f"{where}{name}", "is new" + (", and required" if side == "send" else ""), side == "send"
        )


def _null(old: Mapping[str, Any], new: Mapping[str, Any], side: Side, where: str) -> Iterator[FieldChange]:
    before, after = old.get("x-nullable") is True, new.get("x-nullable") is True
    if before != after:
        yield FieldChange(side, where, f"{'may' if after else 'may not'} be missing", after is (side == "get"))


def _categories(old: Mapping[str, Any], new: Mapping[str, Any], side: Side, where: str) -> Iterator[FieldChange]:
    one, two = old.get("enum"), new.get("enum")
    if one is None and two is None:
        return
    if one is None or two is None:
        what = "takes any value" if two is None else f"is one of {_listed(two or [])}"
        yield FieldChange(side, where, what, (two is None) is (side == "get"))
        return
    if gone := [each for each in one if each not in two]:
        yield FieldChange(side, where, f"no longer {_listed(gone)}", side == "send")
    if more := [each for each in two if each not in one]:
        yield FieldChange(side, where, f"also {_listed(more)}", side == "get")


def _bounds(old: Mapping[str, Any], new: Mapping[str, Any], side: Side, where: str) -> Iterator[FieldChange]:
    for name, sign in _BOUNDS:
        one, two = old.get(name), new.get(name)
        if one == two:
            continue
        narrower = two is not None and (one is None or (two - one) * sign > 0)
        yield FieldChange(side, where, f"{name} was {_told(one)}, is {_told(two)}", narrower is (side == "send"))


def _told(bound: float | None) -> str:
    return "none" if bound is None else f"{bound:g}"


def _listed(values: list[Any]) -> str:
    more = f" and {len(values) - _SHOWN} more" if len(values) > _SHOWN else ""
    return ", ".join(repr(value) for value in values[:_SHOWN]) + more


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}
