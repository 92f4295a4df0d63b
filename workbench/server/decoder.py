"""From the bytes of a request to the arguments of `run`: at once when nothing is wrong, else by the judge.

A type made of the schema lets msgspec decode and check in one pass. It can't see a key that stands twice, or one too
many in a table's row; but then the body holds more quotation marks than a body of that shape can, so they are counted.
What is not accepted this way is decoded strictly and judged, which gives the same arguments or says what is wrong.
"""

import math
from collections.abc import Callable, Mapping
from typing import Annotated, Any, Final, Literal, TypedDict

import msgspec

from workbench.server import strict_json
from workbench.server.schema import HIGHEST_INTEGER, LOWEST_INTEGER, Argument, Column, Schema
from workbench.server.validator import Limits, judge

QUOTE: Final = b'"'
ESCAPE: Final = b"\\"


class Decoder:
    def __init__(self, schema: Schema, limits: Limits) -> None:
        self._schema, self._limits = schema, limits
        self._quickly = None if any(_is_free(argument) for argument in schema.arguments) else _quick(schema, limits)

    def decode(self, body: bytes) -> dict[str, Any]:
        """Give the named arguments of `run`; raises RequestError (400)."""
        found = self.decode_quickly(body)
        return judge(self._schema, self._limits, strict_json.decode(body)) if found is None else found

    def decode_quickly(self, body: bytes) -> dict[str, Any] | None:
        """Give the arguments if nothing is wrong; None where only the judge can say that, or why."""
        if self._quickly is None or ESCAPE in body:
            return None
        try:
            return self._quickly(body)
        except (msgspec.MsgspecError, _QuotesDifferError, UnicodeDecodeError, RecursionError):
            return None


class _QuotesDifferError(Exception):
    """The body has another number of quotation marks than what was decoded of it."""


def _is_free(argument: Argument) -> bool:
    """Whether texts or objects may stand in it in numbers that the schema does not tell."""
    if argument.columns is not None:
        return any(_is_odd(column) for column in argument.columns.values())
    return argument.item is None or argument.item.kind == "string" or _is_odd(argument.item)


def _is_odd(column: Column) -> bool:
    """Whether no type can say its rule: anything goes, or only certain numbers do, or none of 64 bits."""
    none = (column.minimum or 0) > HIGHEST_INTEGER or (column.maximum or 0) < LOWEST_INTEGER
    listed = column.categories is not None and column.kind != "string"
    return not column.kind or listed or (column.kind == "integer" and none)


def _quick(schema: Schema, limits: Limits) -> Callable[[bytes], dict[str, Any]]:
    fields = {argument.name: _argument_type(argument, limits) for argument in schema.arguments}
    decode = msgspec.json.Decoder(TypedDict("Body", fields)).decode  # type: ignore[operator] # made at run time
    tables = [
        (argument.name, _marks_of_a_row(argument.columns), _nullable_texts(argument.columns))
        for argument in schema.arguments
        if argument.columns is not None
    ]
    bare = 2 * len(schema.arguments)

    def quickly(body: bytes) -> dict[str, Any]:
        decoded: dict[str, Any] = decode(body)
        marks = bare
        for name, each, nullable in tables:
            rows = decoded[name]
            marks += each * len(rows)
            for column in nullable:
                marks -= 2 * sum(row[column] is None for row in rows)
        if body.count(QUOTE) != marks:
            raise _QuotesDifferError
        return decoded

    return quickly


def _marks_of_a_row(columns: Mapping[str, Column]) -> int:
    return 2 * len(columns) + 2 * sum(column.kind == "string" for column in columns.values())


def _nullable_texts(columns: Mapping[str, Column]) -> list[str]:
    return [name for name, column in columns.items() if column.kind == "string" and column.nullable]


def _argument_type(argument: Argument, limits: Limits) -> Any:  # noqa: ANN401 - a type made at run time
    rows = msgspec.Meta(max_length=limits.rows)
    if argument.columns is not None:
        row = TypedDict("Row", {name: _type(column, limits) for name, column in argument.columns.items()})  # type: ignore[misc] # made at run time
        return Annotated[list[row], rows]
    if argument.item is None:
        raise TypeError(f"{argument.name} has no shape")
    nest = _type(argument.item, limits)
    for _ in range(argument.depth):
        nest = list[nest]  # type: ignore[valid-type] # made at run time
    return Annotated[nest, rows] if argument.depth else nest


def _type(column: Column, limits: Limits) -> Any:  # noqa: ANN401 - a type made at run time
    kind = Literal[column.categories] if column.categories else _kind(column, limits)
    return kind | None if column.nullable else kind


def _kind(column: Column, limits: Limits) -> Any:  # noqa: ANN401 - a type made at run time
    match column.kind:
        case "integer":
            lowest = LOWEST_INTEGER if column.minimum is None else max(LOWEST_INTEGER, math.ceil(column.minimum))
            highest = HIGHEST_INTEGER if column.maximum is None else min(HIGHEST_INTEGER, math.floor(column.maximum))
            return Annotated[int, msgspec.Meta(ge=lowest, le=highest)]
        case "number":
            return Annotated[float, msgspec.Meta(ge=column.minimum, le=column.maximum)]
        case "string":
            return Annotated[str, msgspec.Meta(max_length=limits.text)]
        case _:
            return bool
