"""The Open Inference Protocol as functions: the real schema and rules, no server."""

import json
from typing import Any, NamedTuple

import pytest

from workbench.server import inference
from workbench.server.artifact import Model
from workbench.server.errors import Code, RequestError, RunError
from workbench.server.schema import Schema, parse_schema
from workbench.server.validator import Limits

COLUMNS = {
    "age": {"type": "integer", "minimum": 0, "maximum": 120},
    "balance": {"type": "number", "x-nullable": True},
    "state": {"type": "string", "enum": ["CA", "WA"], "x-nullable": True},
    "active": {"type": "boolean"},
}
TABLE = {"type": 3, "swagger": {"type": "array", "items": {"type": "object", "properties": COLUMNS}}}
PAIRS = {"type": 1, "swagger": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}}
COUNT = {"type": 0, "swagger": {"type": "integer"}}
SCORES = {"type": "object", "properties": {"prediction": {"type": "integer"}, "probability": {"type": "number"}}}
ROWS = [
    {"age": 31, "balance": 2.5, "state": "WA", "active": True},
    {"age": 47, "balance": None, "state": None, "active": False},
]
MODEL = Model("toy", 7)


class Toy(NamedTuple):
    """What the protocol needs to know of a loaded service."""

    schema: Schema | None
    name: str = "toy-service"
    model: Model | None = MODEL
    limits: Limits = Limits(rows=4, text=10)


def serving(*, output: Any = None, model: Model | None = MODEL, **arguments: Any) -> Toy:
    document = {"input": arguments, "output": {"scores": {"swagger": output}} if output else {}}
    return Toy(parse_schema(document), model=model)


TOY = serving(input_df=TABLE, output={"type": "array", "items": SCORES})


def tensor(name: str, datatype: str, shape: list[int], data: list[Any]) -> dict[str, Any]:
    return {"name": name, "datatype": datatype, "shape": shape, "data": data}


INPUTS = [
    tensor("age", "INT64", [2], [31, 47]),
    tensor("balance", "FP64", [2, 1], [[2.5], [None]]),
    tensor("state", "BYTES", [2], ["WA", None]),
    tensor("active", "BOOL", [2], [True, False]),
]


def read(inputs: Any, **more: Any) -> inference.InferenceRequest:
    return inference.read_request(TOY, json.dumps({"inputs": inputs, **more}).encode())


def refused(document: Any, service: Toy = TOY) -> RequestError:
    with pytest.raises(RequestError) as caught:
        inference.read_request(service, json.dumps(document).encode())
    return caught.value


def write(result: Any, service: Toy = TOY, **request: Any) -> dict[str, Any]:
    asked = inference.InferenceRequest({}, **request)
    written: dict[str, Any] = json.loads(inference.write_response(service, asked, result))
    return written


def names(written: dict[str, Any]) -> list[str]:
    return [each["name"] for each in written["outputs"]]


def test_the_metadata_name_the_model_and_every_column() -> None:
    assert inference.model_metadata(TOY) == {
        "name": "toy",
        "versions": ["7"],
        "platform": "python",
        "inputs": [
            {"name": "age", "datatype": "INT64", "shape": [-1]},
            {"name": "balance", "datatype": "FP64", "shape": [-1]},
            {"name": "state", "datatype": "BYTES", "shape": [-1]},
            {"name": "active", "datatype": "BOOL", "shape": [-1]},
        ],
        "outputs": [
            {"name": "prediction", "datatype": "INT64", "shape": [-1]},
            {"name": "probability", "datatype": "FP64", "shape": [-1]},
        ],
    }
    server = inference.server_metadata(TOY)
    assert (server["name"], server["extensions"], type(server["version"])) == ("toy-service", [], str)


def test_the_metadata_give_an_argument_as_many_sizes_as_lists() -> None:
    service = serving(x=PAIRS, n=COUNT, output={"type": "array", "items": {"type": "string"}})
    metadata = inference.model_metadata(service)
    assert metadata["inputs"] == [
        {"name": "x", "datatype": "FP64", "shape": [-1, -1]},
        {"name": "n", "datatype": "INT64", "shape": [1]},
    ]
    assert metadata["outputs"] == [{"name": "output", "datatype": "BYTES", "shape": [-1]}]


def test_a_service_without_tensors_still_has_metadata() -> None:
    metadata = inference.model_metadata(Toy(schema=None, model=None))
    assert metadata == {"name": "toy-service", "platform": "python", "inputs": [], "outputs": []}


@pytest.mark.parametrize(
    ("name", "version", "meant"),
    [("toy", None, True), ("toy", "7", True), ("toy", "07", False), ("toy", "8", False), ("toy-service", None, False)],
)
def test_a_path_means_the_model_by_name_and_version(name: str, version: str | None, meant: bool) -> None:
    assert inference.names(TOY, name, version) is meant


def test_without_one_model_the_services_name_stands_alone() -> None:
    service = serving(input_df=TABLE, model=None)
    assert inference.names(service, "toy-service", None)
    assert not inference.names(service, "toy-service", "7")
    assert "model_version" not in write([1], service)


def test_a_request_is_the_arguments_of_run_and_what_to_answer() -> None:
    request = read(INPUTS, id="42", outputs=[{"name": "probability"}, {"name": "probability"}], parameters={"p": 1})
    assert request == inference.InferenceRequest({"input_df": ROWS}, "42", ("probability",), {"p": 1})


@pytest.mark.parametrize("outputs_of_request", [{}, {"outputs": []}, {"outputs": None}])
def test_no_outputs_named_are_all_outputs(outputs_of_request: dict[str, Any]) -> None:
    assert read(INPUTS, **outputs_of_request).outputs is None


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "the body must be an object with a list of inputs"),
        ({}, "the body must be an object with a list of inputs"),
        ({"inputs": {}}, "the body must be an object with a list of inputs"),
        ({"inputs": [], "id": 42}, "the id is 42; an id is a text"),
        ({"inputs": [], "parameters": []}, "parameters must be an object"),
        ({"inputs": [], "outputs": "all"}, "outputs must be a list of objects with a name"),
        ({"inputs": [], "outputs": [{"name": "a"}, "b"]}, "outputs[1] must be an object with a name"),
        ({"inputs": [5]}, "inputs[0] must be an object with name, datatype, shape and data"),
        ({"inputs": INPUTS[1:]}, "the input 'age' is missing"),
    ],
)
def test_a_body_of_another_form_is_refused_by_the_part_that_is_wrong(document: Any, says: str) -> None:
    error = refused(document)
    assert (str(error), error.code) == (says, Code.BAD_INPUT)


def test_a_service_without_a_schema_says_so_before_all_else() -> None:
    assert str(refused([], Toy(None))) == "this service takes a text, not tensors; POST it to /score"


@pytest.mark.parametrize("number", [b"NaN", b"Infinity", b"-1e999"])
def test_a_number_that_is_none_is_refused_as_it_is_at_score(number: bytes) -> None:
    body = json.dumps({"inputs": INPUTS}).encode().replace(b"2.5", number)
    with pytest.raises(RequestError) as caught:
        inference.read_request(TOY, body)
    assert caught.value.code is Code.BAD_JSON


def test_bytes_behind_the_json_are_refused_as_what_they_are() -> None:
    binary = {"name": "age", "datatype": "INT64", "shape": [2], "parameters": {"binary_data_size": 16}}
    with pytest.raises(RequestError, match=r"send no binary data \(binary_data=False\)") as caught:
        inference.read_request(TOY, json.dumps({"inputs": [binary]}).encode() + bytes(16))
    assert caught.value.status == 400


def test_all_wrong_tensors_are_told_at_once_and_twenty_at_most() -> None:
    assert [each.rule for each in refused({"inputs": [5, tensor("a", "INT", [], [])]}).details] == ["type", "datatype"]
    assert len(refused({"inputs": [5] * 50}).details) == 20


def test_a_response_says_which_model_answered_and_what() -> None:
    assert write([{"prediction": 1, "probability": 0.75}], id="42") == {
        "model_name": "toy",
        "model_version": "7",
        "id": "42",
        "outputs": [tensor("prediction", "INT64", [1], [1]), tensor("probability", "FP64", [1], [0.75])],
    }


def test_a_number_that_is_none_is_told_as_missing() -> None:
    rows = [{"prediction": 1, "probability": float("nan")}]
    assert write(rows)["outputs"][1] == tensor("probability", "FP64", [1], [None])


def test_no_id_given_is_no_id_told() -> None:
    assert "id" not in write([1])


def test_outputs_that_a_script_calls_model_and_version_are_its_own() -> None:
    assert names(write([{"prediction": 1, "model": "saloon", "version": 7}])) == ["prediction", "model", "version"]


def test_only_the_outputs_asked_for_are_told_in_their_order() -> None:
    rows = [{"a": 1, "b": 2, "c": 3}]
    assert names(write(rows, outputs=("c", "a"))) == ["c", "a"]


def test_an_output_that_is_none_is_refused() -> None:
    with pytest.raises(RequestError) as caught:
        write([{"prediction": 1, "probability": 0.5}], outputs=("prediction", "churn"))
    assert str(caught.value) == "there is no output 'churn'; the outputs are prediction, probability"
    assert caught.value.status == 400


@pytest.mark.parametrize("result", [[{"a": {"b": 1}}], [1, "a"], object()])
def test_a_result_that_no_tensor_holds_is_the_scripts_failure(result: Any) -> None:
    with pytest.raises(RunError, match=r"^run returned what no tensor can hold: ") as failed:
        write(result)
    assert failed.value.__cause__ is not None


def test_an_error_is_one_text_that_tells_every_detail() -> None:
    error = refused({"inputs": [tensor("age", "INT64", [2], [-1, 300]), *INPUTS[1:]]})
    assert json.loads(inference.write_error(error)) == {
        "error": "input 'age', index 0: -1 is below the minimum 0; input 'age', index 1: 300 is above the maximum 120"
    }
    plain = RequestError(Code.UNAUTHORIZED, "no key was given")
    assert json.loads(inference.write_error(plain)) == {"error": "no key was given"}
