from datetime import date
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.server.schema import Schema, parse_schema
from workbench.server.tensor_outputs import describe_outputs, write_tensors

SCORES = {"type": "object", "properties": {"prediction": {"type": "integer"}, "probability": {"type": "number"}}}


def answering(swagger: dict[str, Any]) -> Schema:
    return parse_schema({"input": {}, "output": {"scores": {"swagger": swagger}}})


ROWS = answering({"type": "array", "items": SCORES})


def tensor(name: str, datatype: str, shape: list[Any], data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


def test_rows_of_answers_become_a_tensor_a_key() -> None:
    rows = [{"prediction": 1, "probability": 0.75, "why": "age"}, {"prediction": 0, "probability": 0.5, "why": "state"}]
    assert write_tensors(rows, ROWS) == [
        tensor("prediction", "INT64", [2], [1, 0]),
        tensor("probability", "FP64", [2], [0.75, 0.5]),
        tensor("why", "BYTES", [2], ["age", "state"]),
    ]


def test_a_described_number_is_fp64_though_all_are_whole() -> None:
    written = write_tensors([{"prediction": 1, "probability": 1}], ROWS)
    assert [each["datatype"] for each in written] == ["INT64", "FP64"]


def test_no_rows_have_the_described_outputs() -> None:
    described = [tensor("prediction", "INT64", [0], []), tensor("probability", "FP64", [0], [])]
    assert write_tensors([], ROWS) == described
    assert write_tensors([], None) == []


@pytest.mark.parametrize(
    ("result", "datatype", "shape", "data"),
    [
        ([1, 2], "INT64", [2], [1, 2]),
        ([1, 2.5], "FP64", [2], [1, 2.5]),
        ([2**63, 0], "UINT64", [2], [2**63, 0]),
        ([True, False], "BOOL", [2], [True, False]),
        (["a", None], "BYTES", [2], ["a", None]),
        ([1, None], "FP64", [2], [1, None]),
        ([True, None], "FP64", [2], [True, None]),
        ([None], "FP64", [1], [None]),
        ([[1, 2, 3], (4, 5, 6)], "INT64", [2, 3], [1, 2, 3, 4, 5, 6]),
        ([[], []], "FP64", [2, 0], []),
        (0.5, "FP64", [1], [0.5]),
        ("churn", "BYTES", [1], ["churn"]),
        (np.float32(0.5), "FP64", [1], [0.5]),
        ([np.int64(3), np.float32(0.5)], "FP64", [2], [3, 0.5]),
        (np.array([[1, 2]], dtype=np.int32), "INT32", [1, 2], [1, 2]),
        (np.array([0.5, 2.5], dtype=np.float32), "FP32", [2], [0.5, 2.5]),
        (np.array([0.5], dtype=np.float16), "FP16", [1], [0.5]),
        (np.array([True]), "BOOL", [1], [True]),
        (np.array([7], dtype=np.uint8), "UINT8", [1], [7]),
        (np.array(7), "INT64", [1], [7]),
        (np.array(["a", "b"]), "BYTES", [2], ["a", "b"]),
        (np.array(["a", None], dtype=object), "BYTES", [2], ["a", None]),
        (np.array([b"a"]), "BYTES", [1], ["a"]),
        (np.array(["2020-01-01", "NaT"], dtype="datetime64[ns]"), "BYTES", [2], ["2020-01-01T00:00:00", None]),
        (pd.Series(["a", None]), "BYTES", [2], ["a", None]),
        ([date(2020, 1, 1)], "BYTES", [1], ["2020-01-01"]),
        (np.arange(6).reshape(2, 3).T, "INT64", [3, 2], [0, 3, 1, 4, 2, 5]),
    ],
)
def test_a_list_an_array_or_a_value_is_the_tensor_output(
    result: Any, datatype: str, shape: list[int], data: list[Any]
) -> None:
    assert write_tensors(result, None) == [tensor("output", datatype, shape, data)]


def test_lists_in_rows_and_lists_by_name_are_tensors_too() -> None:
    rows = [{"p": [0.25, 0.75]}, {"p": np.array([0.5, 0.5])}]
    assert write_tensors(rows, None) == [tensor("p", "FP64", [2, 2], [0.25, 0.75, 0.5, 0.5])]
    assert write_tensors({"a": [1, 2], "b": "x"}, None) == [
        tensor("a", "INT64", [2], [1, 2]),
        tensor("b", "BYTES", [1], ["x"]),
    ]


def test_a_frame_and_keys_that_are_numbers_become_a_tensor_a_name() -> None:
    assert write_tensors(pd.DataFrame({"a": [1, 2], "b": ["x", None]}), None) == [
        tensor("a", "INT64", [2], [1, 2]),
        tensor("b", "BYTES", [2], ["x", None]),
    ]
    assert write_tensors([{5: 1}], None) == [tensor("5", "INT64", [1], [1])]


def test_a_key_that_one_row_lacks_is_missing_there() -> None:
    assert write_tensors([{"a": 1.5}, {"b": "x"}], None) == [
        tensor("a", "FP64", [2], [1.5, None]),
        tensor("b", "BYTES", [2], [None, "x"]),
    ]


@pytest.mark.parametrize(
    ("result", "says"),
    [
        ([{"a": {"b": 1}}], "a: no tensor holds dict"),
        ([[1, 2], [3]], "output: its lists are not of one length"),
        ([1, [2]], "output: its lists are not of one length"),
        ([1, "2"], "output: no tensor holds int and str"),
        ([True, 1], "output: no tensor holds bool and int"),
        ([2**64], "output: a whole number needs more than 64 bits"),
        ([{5: 1, "5": 1}], "two keys are both '5' in JSON"),
        (object(), "JSON has nothing for builtins.object"),
    ],
)
def test_a_result_that_no_tensor_holds_is_named(result: Any, says: str) -> None:
    with pytest.raises((TypeError, ValueError)) as failed:
        write_tensors(result, None)
    assert str(failed.value) == says


@pytest.mark.parametrize(
    ("swagger", "described"),
    [
        ({"type": "array", "items": SCORES}, [("prediction", "INT64", [-1]), ("probability", "FP64", [-1])]),
        ({"type": "array", "items": {"type": "string"}}, [("output", "BYTES", [-1])]),
        ({"type": "boolean"}, [("output", "BOOL", [1])]),
        ({"type": "object"}, []),
        ({"type": "array", "items": {"type": "object", "properties": {"a": {"type": "array"}, "b": 5}}}, []),
        ({}, []),
    ],
)
def test_the_outputs_are_those_that_the_schema_describes(
    swagger: dict[str, Any], described: list[tuple[str, str, list[int]]]
) -> None:
    found = describe_outputs(answering(swagger))
    assert [(each["name"], each["datatype"], each["shape"]) for each in found] == described


def test_a_schema_of_no_output_or_of_two_describes_none() -> None:
    part = {"swagger": {"type": "number"}}
    assert describe_outputs(None) == []
    assert describe_outputs(parse_schema({"input": {}})) == []
    assert describe_outputs(parse_schema({"input": {}, "output": {"a": part, "b": part}})) == []
