"""Judges a decoded request by the schema: the arguments of `run`, or all that is wrong with them.

The one place that knows the rules; `decoder` only answers sooner when nothing is wrong.
"""

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from heapq import nsmallest
from itertools import islice
from typing import Any, Final, NamedTuple

from workbench.server.errors import Code, Detail, RequestError
from workbench.server.schema import HIGHEST_INTEGER, LOWEST_INTEGER, Argument, Column, Schema

MOST_ERRORS: Final = 20
LONGEST_ECHO: Final = 64
MISSING: Final = "\\N"  # what the telco's files write
TYPES: Final[Mapping[str, tuple[type, ...]]] = {
    "integer": (int, float),
    "number": (int, float),
    "string": (str,),
    "boolean": (bool,),
}
NUMBERS: Final[Mapping[str, Callable[[Any], int | float]]] = {"integer": int, "number": float}


class Limits(NamedTuple):
    """What one request may bring: rows of a table or list, characters of a text."""

    rows: int = 10_000
    text: int = 10_000


def judge(schema: Schema, limits: Limits, decoded: object) -> dict[str, Any]:
    """Take the arguments of `run` from a decoded body.

    A missing value is None, also where the caller wrote it as `MISSING`. Raises RequestError (400), up to 20 details.
    """
    if not isinstance(decoded, dict):
        raise refuse([Detail("type", f"the body must be an object with the arguments {_listed(schema.names)}")])
    details = list(islice(_arguments(schema, limits, decoded), MOST_ERRORS))
    if details:
        raise refuse(details)
    return {argument.name: _settled(argument, decoded[argument.name]) for argument in schema.arguments}


def refuse(details: list[Detail]) -> RequestError:
    """Make the refusal that begins with the first detail."""
    first = details[0].message
    more = f" (and {len(details) - 1} more)" if len(details) > 1 else ""
    return RequestError(Code.BAD_INPUT, first + more, details=details)


def _arguments(schema: Schema, limits: Limits, body: dict[str, Any]) -> Iterator[Detail]:
    taken = f"the service takes {_listed(schema.names)}"
    for name in schema.names:
        if name not in body:
            yield Detail("required", f"the argument {quoted(name)} is missing; {taken}", column=name)
    for name in body:
        if name not in schema.names:
            yield Detail("unknown", f"there is no argument {quoted(name)}; {taken}", column=name[:LONGEST_ECHO])
    for argument in schema.arguments:
        if argument.name in body:
            if argument.columns is not None:
                yield from _table(argument, argument.columns, limits, body[argument.name])
            elif argument.item is not None:
                yield from _nest(argument, argument.item, limits, body[argument.name])


def _table(argument: Argument, columns: Mapping[str, Column], limits: Limits, table: object) -> Iterator[Detail]:
    """Rows are counted from 0, as the caller's own list is."""
    name = argument.name
    if not isinstance(table, list):
        yield Detail("type", f"{name} must be a list of row objects")
        return
    if len(table) > limits.rows:
        yield Detail("rows", f"{name} has {len(table)} rows; at most {limits.rows} go into one request")
        return
    for number, row in enumerate(table):
        if not isinstance(row, dict):
            yield Detail("type", f"{name}, row {number}: a row must be an object of columns", row=number)
            continue
        for missing in sorted(columns.keys() - row.keys()):
            text = f"{name}, row {number}: the column {quoted(missing)} is missing"
            yield Detail("required", text, row=number, column=missing)
        for unknown in nsmallest(MOST_ERRORS, row.keys() - columns.keys()):
            text = f"{name}, row {number}: there is no column {quoted(unknown)}"
            yield Detail("unknown", text, row=number, column=unknown[:LONGEST_ECHO])
        for column, rule in columns.items():
            if row.get(column) == MISSING and rule.nullable:
                row[column] = None
            if column in row and (broken := broken_rule(rule, limits, row[column])):
                text = f"{name}, row {number}, column {quoted(column)}: {broken[1]}"
                yield Detail(broken[0], text, row=number, column=column, value=shown(row[column]))


def _nest(argument: Argument, rule: Column, limits: Limits, value: object, depth: int = 0) -> Iterator[Detail]:
    where = argument.name if not depth else f"{argument.name}, {depth} lists deep"
    if depth == argument.depth:
        if broken := broken_rule(rule, limits, value):
            yield Detail(broken[0], f"{where}: {broken[1]}", column=argument.name, value=shown(value))
    elif not isinstance(value, list):
        yield Detail("type", f"{where}: {shown(value)} is no list", column=argument.name, value=shown(value))
    elif depth == 0 and len(value) > limits.rows:
        yield Detail("rows", f"{where} has {len(value)} items; at most {limits.rows} go into one request")
    else:
        for each in value:
            yield from _nest(argument, rule, limits, each, depth + 1)


def broken_rule(rule: Column, limits: Limits, value: object) -> tuple[str, str] | None:
    """Name the rule that a value breaks and say how; None if it breaks none."""
    if value is None:
        return None if rule.nullable or not rule.kind else ("null", "null is not allowed here")
    if problem := _type(rule, value):
        return problem
    if isinstance(value, str) and rule.categories is None and len(value) > limits.text:
        return "length", f"the text has {len(value)} characters; at most {limits.text} are taken"
    if rule.categories is not None and value not in rule.categories:
        names = [quoted(str(category))[1:-1] for category in rule.categories[:10]]
        known = ", ".join([*names, "…"] if rule.categories[10:] else names)
        return "category", f"{shown(value)} is none of its categories: {known}"
    return _bounds(rule, value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _bounds(rule: Column, value: float) -> tuple[str, str] | None:
    number = float(value) if rule.kind == "number" else value
    if rule.minimum is not None and number < rule.minimum:
        return "minimum", f"{shown(value)} is below the minimum {rule.minimum:g}"
    if rule.maximum is not None and number > rule.maximum:
        return "maximum", f"{shown(value)} is above the maximum {rule.maximum:g}"
    return None


def _type(rule: Column, value: object) -> tuple[str, str] | None:
    if not rule.kind:
        return None
    fits = isinstance(value, TYPES[rule.kind]) and isinstance(value, bool) is (rule.kind == "boolean")
    if not fits or (rule.kind == "integer" and isinstance(value, float) and not value.is_integer()):
        return "type", f"{shown(value)} is no {rule.kind}"
    if isinstance(value, (int, float)):
        if not -sys.float_info.max <= value <= sys.float_info.max:
            return "finite", "the number is not finite, or too large for a double"
        if rule.kind == "integer" and not LOWEST_INTEGER <= value <= HIGHEST_INTEGER:
            return "range", "the whole number needs more than 64 bits"
    return None


def _settled(argument: Argument, value: Any) -> Any:  # noqa: ANN401 - what was judged to fit
    """Give a number the type of its column: `run` sees 3.0 as 3 in an integer's place, whoever decoded it."""
    if argument.columns is None:
        return _made(argument.item, value)
    numbers = [(name, rule) for name, rule in argument.columns.items() if rule.kind in NUMBERS]
    for row in value:
        row.update([(name, _made(rule, row[name])) for name, rule in numbers])
    return value


def _made(rule: Column | None, value: Any) -> Any:  # noqa: ANN401 - what was judged to fit
    if rule is None or rule.kind not in NUMBERS or value is None:
        return value
    return [_made(rule, each) for each in value] if isinstance(value, list) else NUMBERS[rule.kind](value)


def shown(value: object) -> str:
    """Show what the caller sent, on one line and of bounded length."""
    if isinstance(value, int) and not LOWEST_INTEGER <= value <= HIGHEST_INTEGER:
        return "a number of more than 64 bits"
    # Not orjson, which fails on a number of more than 64 bits inside a list.
    return quoted(value) if isinstance(value, str) else _cut(json.dumps(value, separators=(",", ":"), default=str))


def quoted(text: str) -> str:
    return repr(_cut(text))


def _cut(text: str) -> str:
    return text if len(text) <= LONGEST_ECHO else text[:LONGEST_ECHO] + "…"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
