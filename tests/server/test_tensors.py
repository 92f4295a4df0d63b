from typing import Any

import pytest

from workbench.server.errors import Code, RequestError
from workbench.server.tensors import DATATYPES, Tensor, read_tensor

LONG = "x\n" * 5000


def document(**changed: Any) -> dict[str, Any]:
    return {"name": "age", "datatype": "INT64", "shape": [2], "data": [31, 47]} | changed


@pytest.mark.parametrize(
    ("shape", "data", "flat"),
    [
        ([2], [1, 2], [1, 2]),
        ([2, 1], [1, 2], [1, 2]),
        ([2, 1], [[1], [2]], [1, 2]),
        ([2, 2], [[1, 2], [3, 4]], [1, 2, 3, 4]),
        ([2, 1, 2], [[[1, 2]], [[3, 4]]], [1, 2, 3, 4]),
        ([2, 1, 2], [1, 2, 3, 4], [1, 2, 3, 4]),
        ([], [1], [1]),
        ([0], [], []),
        ([0, 10**18], [], []),
        ([2, 0], [[], []], []),
    ],
)
def test_data_are_flat_or_nested_row_by_row(shape: list[int], data: list[Any], flat: list[Any]) -> None:
    read = read_tensor(document(shape=shape, data=data, parameters={"content_type": "np"}), 0)
    assert read == Tensor("age", "INT64", tuple(shape), flat)


@pytest.mark.parametrize(
    ("given", "rule", "says"),
    [
        (5, "type", "inputs[3] must be an object with name, datatype, shape and data"),
        ({}, "type", "inputs[3].name is null; give the name of an input"),
        (document(name=""), "type", "inputs[3].name is ''; give the name of an input"),
        (document(datatype="INT"), "datatype", "input 'age': the datatype is 'INT'; it is one of BOOL, INT8"),
        (document(datatype=["INT64"]), "datatype", "input 'age': the datatype is [\"INT64\"]; it is one of"),
        (document(shape=2), "shape", "input 'age': the shape must be a list of at most 32 sizes"),
        (document(shape=[1] * 33), "shape", "input 'age': the shape must be a list of at most 32 sizes"),
        (document(shape=[-1]), "shape", "input 'age': -1 stands in the shape; a size is 0 or more"),
        (document(shape=[2.0]), "shape", "input 'age': 2.0 stands in the shape; a size is 0 or more"),
        (document(shape=[True]), "shape", "input 'age': true stands in the shape; a size is 0 or more"),
        (document(shape=[2**70]), "shape", "input 'age': a number of more than 64 bits stands in the shape"),
        (document(shape=[3]), "shape", "input 'age': data has 2 elements, the shape [3] has 3"),
        (document(shape=[]), "shape", "input 'age': data has 2 elements, the shape [] has 1"),
        (document(data=[[31], [47]]), "shape", "input 'age': the lists in data are not of the shape [2]"),
        (document(data=[31, [47]]), "shape", "input 'age': the lists in data are not of the shape [2]"),
        (document(shape=[], data=[[1]]), "shape", "input 'age': the lists in data are not of the shape []"),
        (document(shape=[2, 2], data=[[1, 2], [3]]), "shape", "input 'age': the lists in data are not of"),
        (document(shape=[4, 1], data=[[1, 2], [3, 4]]), "shape", "input 'age': the lists in data are not of"),
        (document(data="31"), "data", "input 'age': data must be a list, in JSON"),
    ],
)
def test_a_tensor_of_another_form_is_refused_by_name_and_part(given: Any, rule: str, says: str) -> None:
    with pytest.raises(RequestError) as refused:
        read_tensor(given, 3)
    (detail,) = refused.value.details
    assert detail.message.startswith(says)
    assert (detail.rule, refused.value.code) == (rule, Code.BAD_INPUT)


def test_data_left_out_for_binary_or_shared_memory_are_asked_for_in_json() -> None:
    given = document(parameters={"binary_data_size": 16})
    del given["data"]
    with pytest.raises(RequestError, match=r"no binary data \(binary_data=False\), no shared memory"):
        read_tensor(given, 0)


@pytest.mark.parametrize("given", [document(name=LONG, shape=[3]), document(datatype=LONG)])
def test_what_the_caller_sent_comes_back_short_and_on_one_line(given: dict[str, Any]) -> None:
    with pytest.raises(RequestError) as refused:
        read_tensor(given, 0)
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 250


@pytest.mark.parametrize(
    ("datatype", "lowest", "highest"),
    [
        ("INT8", -128, 127),
        ("UINT16", 0, 65535),
        ("INT32", -(2**31), 2**31 - 1),
        ("UINT64", 0, 2**64 - 1),
        ("FP16", -65504.0, 65504.0),
        ("FP32", -3.4028234663852886e38, 3.4028234663852886e38),
    ],
)
def test_a_number_lies_within_its_datatype(datatype: str, lowest: float, highest: float) -> None:
    holds = DATATYPES[datatype].holds
    outside: list[object] = [lowest * 2 - 1, highest * 2 + 1, True, "1", None, [], float("nan")]
    assert holds(lowest)
    assert holds(highest)
    assert not any(map(holds, outside))


def test_the_datatypes_are_the_protocols() -> None:
    whole = {f"{sign}{bits}" for sign in ("INT", "UINT") for bits in (8, 16, 32, 64)}
    assert set(DATATYPES) == whole | {"BOOL", "FP16", "FP32", "FP64", "BYTES"}
