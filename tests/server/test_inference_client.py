"""A client that others wrote, against a server in a process of its own: it knows the protocol, and nothing of ours."""

import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tritonclient.http import InferenceServerClient, InferInput, InferRequestedOutput, InferResult
from tritonclient.utils import InferenceServerException

pytestmark = pytest.mark.slow


@pytest.fixture
def client(
    start_server: Callable[..., subprocess.Popen[bytes]], make_folder: Callable[..., Path], port: int
) -> Iterator[InferenceServerClient]:
    start_server(make_folder())
    with InferenceServerClient(f"127.0.0.1:{port}") as client:
        yield client


@pytest.fixture
def headers(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def columns(ages: list[float], states: list[str], **how: bool) -> list[InferInput]:
    inputs = [InferInput("age", [len(ages)], "FP64"), InferInput("state", [len(states), 1], "BYTES")]
    inputs[0].set_data_from_numpy(np.array(ages, dtype=np.float64), **how)
    inputs[1].set_data_from_numpy(np.array(states, dtype=np.object_).reshape(-1, 1), **how)
    return inputs


def infer(client: InferenceServerClient, headers: dict[str, str], *rows: tuple[float, str], **more: Any) -> InferResult:
    ages, states = [age for age, _ in rows], [state for _, state in rows]
    return client.infer("toy", columns(ages, states, binary_data=False), headers=dict(headers), **more)


def test_health_is_open_to_a_client_without_a_key(client: InferenceServerClient) -> None:
    assert client.is_server_live()
    assert client.is_server_ready()


def test_a_model_is_ready_by_name_and_version(client: InferenceServerClient, headers: dict[str, str]) -> None:
    assert client.is_model_ready("toy", headers=headers)
    assert client.is_model_ready("toy", "7", headers=headers)
    assert not client.is_model_ready("toy", "8", headers=headers)
    assert not client.is_model_ready("other", headers=headers)
    assert not client.is_model_ready("toy")


def test_the_metadata_tell_what_to_send(client: InferenceServerClient, headers: dict[str, str]) -> None:
    assert client.get_server_metadata(headers=headers)["name"] == "toy"
    metadata = client.get_model_metadata("toy", "7", headers=headers)
    assert (metadata["name"], metadata["versions"]) == ("toy", ["7"])
    assert metadata["inputs"] == [
        {"name": "age", "datatype": "FP64", "shape": [-1]},
        {"name": "state", "datatype": "BYTES", "shape": [-1]},
    ]
    assert metadata["outputs"] == [{"name": "prediction", "datatype": "FP64", "shape": [-1]}]


@pytest.mark.parametrize("version", ["", "7"])
def test_rows_are_scored(client: InferenceServerClient, headers: dict[str, str], version: str) -> None:
    result = infer(client, headers, (31.0, "WA"), (47.5, "Zürich"), model_version=version, request_id="42")

    response = result.get_response()
    assert (response["model_name"], response["model_version"], response["id"]) == ("toy", "7", "42")
    assert [output["name"] for output in response["outputs"]] == ["prediction", "weights"]
    assert result.as_numpy("prediction").dtype == np.float64
    assert result.as_numpy("prediction").tolist() == [31.0, 47.5]
    assert result.as_numpy("weights").tolist() == ["heavy", "heavy"]


def test_no_rows_are_scored_too(client: InferenceServerClient, headers: dict[str, str]) -> None:
    assert infer(client, headers).as_numpy("prediction").shape == (0,)


def test_only_the_outputs_asked_for_come_back(client: InferenceServerClient, headers: dict[str, str]) -> None:
    outputs = [InferRequestedOutput("weights", binary_data=False)]
    result = infer(client, headers, (31.0, "WA"), outputs=outputs)
    assert [output["name"] for output in result.get_response()["outputs"]] == ["weights"]
    assert result.as_numpy("prediction") is None


def test_a_refusal_reads_well_at_the_client(client: InferenceServerClient, headers: dict[str, str]) -> None:
    with pytest.raises(InferenceServerException, match=r"there is no output 'churn'; the outputs are") as refused:
        infer(client, headers, (31.0, "WA"), outputs=[InferRequestedOutput("churn", binary_data=False)])
    assert refused.value.status() == "400"

    whole = InferInput("age", [1], "BYTES")
    whole.set_data_from_numpy(np.array(["31"], dtype=np.object_), binary_data=False)
    with pytest.raises(InferenceServerException) as refused:
        client.infer("toy", [whole, columns([31.0], ["WA"], binary_data=False)[1]], headers=headers)
    assert refused.value.status() == "400"
    assert refused.value.message().startswith("input 'age': the datatype is BYTES; it takes FP16")


def test_another_model_or_no_key_is_refused_in_the_protocols_words(
    client: InferenceServerClient, headers: dict[str, str]
) -> None:
    with pytest.raises(InferenceServerException, match=r"there is no such model or version here") as refused:
        client.infer("other", columns([31.0], ["WA"], binary_data=False), headers=headers)
    assert refused.value.status() == "404"
    with pytest.raises(InferenceServerException) as refused:
        infer(client, {}, (31.0, "WA"))
    assert refused.value.status() == "401"


def test_binary_data_are_refused_and_the_client_can_go_on(
    client: InferenceServerClient, headers: dict[str, str]
) -> None:
    with pytest.raises(InferenceServerException) as refused:
        client.infer("toy", columns([31.0], ["WA"], binary_data=True), headers=dict(headers))
    assert refused.value.status() == "400"
    assert refused.value.message() == "tensors come as JSON alone; send no binary data (binary_data=False)"
    assert infer(client, headers, (31.0, "WA")).as_numpy("prediction").tolist() == [31.0]
