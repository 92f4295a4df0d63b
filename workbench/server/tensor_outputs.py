"""What `run` returned, as the tensors of the Open Inference Protocol.

A list of objects is one tensor for each key, [rows]; an object is one for each key; a NumPy array, a list or a plain
value is the one tensor `output`. JSON's null is a missing value, as it is in the answers of /score.
"""

from collections.abc import Mapping
from itertools import chain
from types import NoneType
from typing import Any, Final

import numpy as np

from workbench.server.answers import plain
from workbench.server.schema import KINDS, Schema
from workbench.server.tensor_inputs import ANNOUNCED
from workbench.server.tensors import INTEGERS

DATES: Final = "mM"  # some of which NumPy would make whole numbers
OUTPUT: Final = "output"
NUMPY: Final = {"bool": "BOOL", "float16": "FP16", "float32": "FP32", "float64": "FP64"} | {
    name.lower(): name for name in INTEGERS
}
PLAIN: Final = frozenset({NoneType, bool, int, float, str, list})

JsonTensor = dict[str, Any]


def outputs_of(schema: Schema | None) -> dict[str, tuple[str, int]]:
    """Tell the kind and depth of each output that the schema describes; none unless it describes one result."""
    if schema is None or len(schema.outputs) != 1:
        return {}
    inner, depth = schema.outputs[0], 0
    while inner.get("type") == "array" and isinstance(inner.get("items"), Mapping):
        inner, depth = inner["items"], depth + 1
    if inner.get("type") == "object" and isinstance(inner.get("properties"), Mapping):
        parts = inner["properties"].items()
        return {name: (part["type"], 1) for name, part in parts if isinstance(part, Mapping) and _is_plain(part)}
    return {OUTPUT: (inner["type"], depth)} if _is_plain(inner) else {}


def describe_outputs(schema: Schema | None) -> list[dict[str, Any]]:
    """Describe the outputs as the protocol's metadata does; a size of -1 is any."""
    return [
        {"name": name, "datatype": ANNOUNCED[kind], "shape": [-1] * depth or [1]}
        for name, (kind, depth) in outputs_of(schema).items()
    ]


def write_tensors(result: object, schema: Schema | None) -> list[JsonTensor]:
    """Write a result as tensors; raises TypeError, ValueError or RecursionError for what no tensor can hold."""
    try:
        return _write(result, schema)
    except (TypeError, ValueError):
        return _write(plain(result), schema)


def _write(result: object, schema: Schema | None) -> list[JsonTensor]:
    described = {name: kind for name, (kind, _) in outputs_of(schema).items()}
    if isinstance(result, list) and not result:
        return [_tensor(name, [], kind) for name, kind in described.items()]
    if isinstance(result, list) and all(isinstance(row, dict) for row in result):
        names = dict.fromkeys(chain.from_iterable(result))
        result = {name: [row.get(name) for row in result] for name in names}
    named = result if isinstance(result, dict) else {OUTPUT: result}
    return [_tensor(name, value, described.get(name, "")) for name, value in named.items()]


def _tensor(name: object, value: object, kind: str) -> JsonTensor:
    if not isinstance(name, str):
        raise TypeError(f"{name!r} can't be the name of a tensor")
    if isinstance(value, np.ndarray) and value.dtype.name in NUMPY and value.ndim:
        flat, shape, datatype = value.ravel().tolist(), list(value.shape), NUMPY[value.dtype.name]
    else:
        flat, shape = _flatten(name, value)
        datatype = _datatype(name, flat, kind)
    return {"name": name, "datatype": datatype, "shape": shape, "data": flat}


def _flatten(name: str, value: object) -> tuple[list[Any], list[int]]:
    """Return the elements row by row, and the shape of the lists they stood in; a bare value is [1]."""
    level = _plain([value])
    shape: list[int] = []
    while any(isinstance(each, list) for each in level):
        sizes = {len(each) if isinstance(each, list) else -1 for each in level}
        if len(sizes) > 1:
            raise ValueError(f"{name}: its lists are not of one length")
        shape.append(sizes.pop())
        level = _plain(list(chain.from_iterable(level)))
    return level, shape or [1]


def _plain(level: list[Any]) -> list[Any]:
    """Python's own values for NumPy's."""
    if set(map(type, level)) <= PLAIN:
        return level
    return [list(each) if isinstance(each, tuple) else _own(each) for each in level]


def _own(each: Any) -> Any:  # noqa: ANN401 - what stood in a list
    if isinstance(each, (np.ndarray, np.generic)):
        return plain(each) if each.dtype.kind in DATES else each.tolist()
    return each


def _datatype(name: str, flat: list[Any], kind: str) -> str:
    """Find the datatype of the elements; numbers among which one is missing are FP64, which clients can read."""
    types = set(map(type, flat))
    present = types - {NoneType}
    if not present:
        return ANNOUNCED[kind] if kind and not types else "BYTES" if kind == "string" else "FP64"
    if present == {str}:
        return "BYTES"
    if types == {bool}:
        return "BOOL"
    if types == {int} and kind != "number":
        return _integer(name, flat)
    if present <= {int, float} or present == {bool}:
        return "FP64"
    raise TypeError(f"{name}: no tensor holds {' and '.join(sorted(each.__name__ for each in present))}")


def _integer(name: str, flat: list[int]) -> str:
    for datatype in ("INT64", "UINT64"):
        if INTEGERS[datatype].holds(min(flat)) and INTEGERS[datatype].holds(max(flat)):
            return datatype
    raise ValueError(f"{name}: a whole number needs more than 64 bits")


def _is_plain(part: Mapping[str, Any]) -> bool:
    return part.get("type") in KINDS
