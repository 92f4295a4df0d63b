"""Which tensors a service takes, and the arguments of `run` made of them.

A table on its own is one tensor for each column, [rows] or [rows, 1]. Arguments that are values, or lists in lists of
them, are one tensor each, of as many dimensions as there are lists. Anything else has no tensors: /score takes it.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from types import NoneType
from typing import Any, Final, NamedTuple

from workbench.server.errors import Code, Detail, RequestError
from workbench.server.schema import Argument, Column, Schema
from workbench.server.tensors import DATATYPES, FLOATS, INTEGERS, Tensor, wrong_tensor
from workbench.server.validator import LONGEST_ECHO, MISSING, MOST_ERRORS, Limits, broken_rule, quoted, refuse, shown

ANNOUNCED: Final = {"integer": "INT64", "number": "FP64", "string": "BYTES", "boolean": "BOOL", "": "BYTES"}
TAKEN: Final[Mapping[str, tuple[str, ...]]] = {
    "integer": tuple(INTEGERS),
    "number": (*FLOATS, *INTEGERS),
    "string": ("BYTES",),
    "boolean": ("BOOL",),
    "": tuple(DATATYPES),
}


class Input(NamedTuple):
    """One tensor that a service takes: a column's (`depth` 1), or an argument's, `depth` lists deep."""

    name: str
    rule: Column
    depth: int
    is_column: bool

    def takes(self, shape: tuple[int, ...]) -> bool:
        """Accept [n] and [n, 1] for a column, [1] and [] for a bare value, else one size a list, only the first 0."""
        if self.is_column:
            return len(shape) == 1 or shape[1:] == (1,)
        if self.depth == 0:
            return shape in ((), (1,))
        return len(shape) == self.depth and 0 not in shape[1:]

    def describe(self) -> dict[str, Any]:
        """Describe it as the protocol's metadata does; a size of -1 is any."""
        return {"name": self.name, "datatype": ANNOUNCED[self.rule.kind], "shape": [-1] * self.depth or [1]}


def inputs_of(schema: Schema | None) -> tuple[Input, ...]:
    """Tell the tensors of a schema; raises RequestError (400) if it has none."""
    if schema is None:
        raise RequestError(Code.BAD_INPUT, "this service takes a text, not tensors; POST it to /score")
    if (table := _lone_table(schema)) is not None:
        return tuple(Input(name, rule, 1, is_column=True) for name, rule in (table.columns or {}).items())
    for argument in schema.arguments:
        if argument.item is None:
            what = (
                "a table among others" if argument.columns is not None else "neither a table nor lists of plain values"
            )
            problem = (
                f"the argument {quoted(argument.name)} is {what} and can't be told by tensors; POST JSON to /score"
            )
            raise RequestError(Code.BAD_INPUT, problem)
    return tuple(
        Input(argument.name, argument.item, argument.depth, is_column=False)
        for argument in schema.arguments
        if argument.item
    )


def read_arguments(schema: Schema | None, limits: Limits, tensors: Sequence[Tensor]) -> dict[str, Any]:
    """Make the arguments of `run`, missing values being None; raises RequestError (400) with up to 20 details."""
    inputs = inputs_of(schema)
    _raise(_wrong_names(inputs, tensors))
    _raise(_wrong_shapes(inputs, limits, tensors))
    by_name = {tensor.name: tensor for tensor in tensors}
    ordered = [(each, _with_missing(each.rule, by_name[each.name])) for each in inputs]
    _raise(detail for each, tensor in ordered for detail in _wrong_elements(each.rule, limits, tensor))
    values = {each.name: _values(each.rule, tensor) for each, tensor in ordered}
    table = _lone_table(schema)
    if table is not None:
        names = tuple(values)
        return {table.name: [dict(zip(names, row, strict=True)) for row in zip(*values.values(), strict=True)]}
    return {each.name: _nest(values[each.name], tensor.shape, each.depth) for each, tensor in ordered}


def _lone_table(schema: Schema | None) -> Argument | None:
    arguments = schema.arguments if schema else ()
    return arguments[0] if len(arguments) == 1 and arguments[0].columns is not None else None


def _wrong_names(inputs: Sequence[Input], tensors: Sequence[Tensor]) -> Iterator[Detail]:
    expected = {each.name: each for each in inputs}
    given: set[str] = set()
    for tensor in tensors:
        if tensor.name not in expected:
            yield Detail("unknown", f"there is no input {quoted(tensor.name)}", column=tensor.name[:LONGEST_ECHO])
        elif tensor.name in given:
            yield wrong_tensor(tensor.name, "unique", "it stands twice in inputs")
        elif tensor.datatype not in (taken := TAKEN[expected[tensor.name].rule.kind]):
            problem = f"the datatype is {tensor.datatype}; it takes {', '.join(taken)}"
            yield wrong_tensor(tensor.name, "datatype", problem)
        given.add(tensor.name)
    for name in expected:
        if name not in given:
            yield Detail("required", f"the input {quoted(name)} is missing", column=name)


def _wrong_shapes(inputs: Sequence[Input], limits: Limits, tensors: Sequence[Tensor]) -> Iterator[Detail]:
    expected = {each.name: each for each in inputs}
    first = next((tensor for tensor in tensors if tensor.shape), None)
    for tensor in tensors:
        wanted = expected[tensor.name]
        if not wanted.takes(tensor.shape):
            takes = "[n] or [n, 1]" if wanted.is_column else str(wanted.describe()["shape"]).replace("-1", "n")
            yield wrong_tensor(tensor.name, "shape", f"the shape is {list(tensor.shape)}; it takes {takes}")
        elif wanted.depth and tensor.shape[0] > limits.rows:
            problem = f"it has {tensor.shape[0]} rows; at most {limits.rows} go into one request"
            yield wrong_tensor(tensor.name, "rows", problem)
        elif wanted.is_column and first and tensor.shape[0] != first.shape[0]:
            problem = f"it has {tensor.shape[0]} rows and {quoted(first.name)} has {first.shape[0]}"
            yield wrong_tensor(tensor.name, "shape", problem)


def _wrong_elements(rule: Column, limits: Limits, tensor: Tensor) -> Iterator[Detail]:
    if _all_fit(rule, limits, tensor):
        return
    for number, value in enumerate(tensor.data):
        broken = broken_rule(rule, limits, value)
        if broken is None and value is not None and not DATATYPES[tensor.datatype].holds(value):
            broken = "datatype", f"{shown(value)} does not fit {tensor.datatype}"
        if broken:
            index = _index(tensor.shape, number)
            text = f"input {quoted(tensor.name)}, index {index if len(index) > 1 else number}: {broken[1]}"
            yield Detail(broken[0], text, row=index[0] if index else 0, column=tensor.name, value=shown(value))


def _all_fit(rule: Column, limits: Limits, tensor: Tensor) -> bool:
    """Tell at once what is so for nearly every tensor, asking the rules only about the values that decide it."""
    datatype, types = DATATYPES[tensor.datatype], set(map(type, tensor.data))
    if not types <= datatype.types | {NoneType}:
        return False
    present = [each for each in tensor.data if each is not None] if NoneType in types else tensor.data
    # All numbers lie between the least and the greatest; only a list of categories may take those two and not them.
    by_ends = datatype.lowest is not None and rule.categories is None and bool(present)
    deciding: set[Any] = {min(present), max(present)} if by_ends else set(present)
    if not all(map(datatype.holds, deciding)):
        return False
    missing = {None} if NoneType in types else set()
    return not any(broken_rule(rule, limits, each) for each in deciding | missing)


def _with_missing(rule: Column, tensor: Tensor) -> Tensor:
    """Where null is allowed, the files' own sign for it is too."""
    if not rule.nullable or MISSING not in tensor.data:
        return tensor
    return replace(tensor, data=[None if each == MISSING else each for each in tensor.data])


def _values(rule: Column, tensor: Tensor) -> list[Any]:
    """A number is a float, however its tensor wrote it."""
    if rule.kind != "number" or int not in set(map(type, tensor.data)):
        return tensor.data
    return [None if each is None else float(each) for each in tensor.data]


def _nest(flat: list[Any], shape: tuple[int, ...], depth: int) -> Any:  # noqa: ANN401 - a value, or lists of it
    if depth == 0:
        return flat[0]
    for size in reversed(shape[1:]):
        flat = [flat[begin : begin + size] for begin in range(0, len(flat), size)]
    return flat


def _index(shape: tuple[int, ...], number: int) -> list[int]:
    """The place in each dimension, but for a last one of size 1 beside others."""
    index: list[int] = []
    for size in reversed(shape):
        number, place = divmod(number, size)
        index.insert(0, place)
    return index[:1] if shape[1:] == (1,) else index


def _raise(details: Iterator[Detail]) -> None:
    if found := list(islice(details, MOST_ERRORS)):
        raise refuse(found)
