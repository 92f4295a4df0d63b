"""One tensor of the Open Inference Protocol as JSON carries it: its datatypes, and reading name, shape and data.

It knows the protocol alone. What a service's tensors mean is in `tensor_inputs` and `tensor_outputs`.
"""

import math
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, Final, NamedTuple

from workbench.server.errors import Detail
from workbench.server.validator import LONGEST_ECHO, quoted, refuse, shown

MOST_DIMENSIONS: Final = 32
LONGEST_DIMENSION: Final = 2**63 - 1


class Datatype(NamedTuple):
    """What JSON gives for an element, and the bounds (inclusive) of a number; BOOL and BYTES have none."""

    types: frozenset[type]
    lowest: float | None = None
    highest: float | None = None

    def holds(self, value: object) -> bool:
        if type(value) not in self.types:
            return False
        # A bound fails on NaN too.
        return self.lowest is None or self.highest is None or self.lowest <= value <= self.highest  # type: ignore[operator] # what has bounds is a number


def _whole(lowest: int, highest: int) -> Datatype:
    return Datatype(frozenset({int}), lowest, highest)


def _floating(highest: float) -> Datatype:
    return Datatype(frozenset({int, float}), -highest, highest)


SIZES: Final = (8, 16, 32, 64)
INTEGERS: Final[Mapping[str, Datatype]] = {
    **{f"INT{bits}": _whole(-(2 ** (bits - 1)), 2 ** (bits - 1) - 1) for bits in SIZES},
    **{f"UINT{bits}": _whole(0, 2**bits - 1) for bits in SIZES},
}
FLOATS: Final[Mapping[str, Datatype]] = {
    "FP16": _floating(65504.0),
    "FP32": _floating(2.0**128 - 2.0**104),
    "FP64": _floating(sys.float_info.max),
}
DATATYPES: Final[Mapping[str, Datatype]] = {
    "BOOL": Datatype(frozenset({bool})),
    **INTEGERS,
    **FLOATS,
    "BYTES": Datatype(frozenset({str})),
}


@dataclass(frozen=True)
class Tensor:
    """`data` is flat, row by row, as many elements as `shape` says; they are not yet compared with `datatype`."""

    name: str
    datatype: str
    shape: tuple[int, ...]
    data: list[Any]


def read_tensor(document: object, number: int) -> Tensor:
    """Read the input that stands at `number` in a request; raises RequestError (400)."""
    if not isinstance(document, dict):
        raise refuse([Detail("type", f"inputs[{number}] must be an object with name, datatype, shape and data")])
    name = document.get("name")
    if not isinstance(name, str) or not name:
        raise refuse([Detail("type", f"inputs[{number}].name is {shown(name)}; give the name of an input")])
    datatype = document.get("datatype")
    if not isinstance(datatype, str) or datatype not in DATATYPES:
        problem = f"the datatype is {shown(datatype)}; it is one of {', '.join(DATATYPES)}"
        raise refuse([wrong_tensor(name, "datatype", problem)])
    shape = _shape(name, document.get("shape"))
    return Tensor(name, datatype, shape, _data(name, shape, document))


def wrong_tensor(name: str, rule: str, problem: str) -> Detail:
    """Say what is wrong with an input as a whole."""
    return Detail(rule, f"input {quoted(name)}: {problem}", column=name[:LONGEST_ECHO])


def _shape(name: str, shape: object) -> tuple[int, ...]:
    if not isinstance(shape, list) or len(shape) > MOST_DIMENSIONS:
        problem = f"the shape must be a list of at most {MOST_DIMENSIONS} sizes"
        raise refuse([wrong_tensor(name, "shape", problem)])
    for size in shape:
        if type(size) is not int or not 0 <= size <= LONGEST_DIMENSION:
            raise refuse([wrong_tensor(name, "shape", f"{shown(size)} stands in the shape; a size is 0 or more")])
    return tuple(shape)


def _data(name: str, shape: tuple[int, ...], document: dict[str, Any]) -> list[Any]:
    data = document.get("data")
    if not isinstance(data, list):
        problem = "data must be a list, in JSON: no binary data (binary_data=False), no shared memory"
        raise refuse([wrong_tensor(name, "data", problem)])
    flat = data if list not in set(map(type, data)) else _flatten(data, shape)
    if flat is None:
        raise refuse([wrong_tensor(name, "shape", f"the lists in data are not of the shape {list(shape)}")])
    if len(flat) != math.prod(shape):
        problem = f"data has {len(flat)} elements, the shape {list(shape)} has {math.prod(shape)}"
        raise refuse([wrong_tensor(name, "shape", problem)])
    return flat


def _flatten(data: list[Any], shape: tuple[int, ...]) -> list[Any] | None:
    """Return the elements row by row; None if the lists are not of the shape."""
    level: list[Any] = [data]
    for size in shape:
        if not all(isinstance(each, list) and len(each) == size for each in level):
            return None
        level = list(chain.from_iterable(level))
    return level if shape and list not in set(map(type, level)) else None
