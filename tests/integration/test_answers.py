"""The service against the pipeline it was converted from."""

from __future__ import annotations

import json
import resource
import socket
import urllib.request
from contextlib import ExitStack
from typing import Any
from urllib.parse import urlsplit

import docker
import numpy as np
import pandas as pd
from docker.models.containers import Container

from model import dataset, fitting, pipeline
from model.parameters import Parameters
from tests.integration.workspace import Served
from tests.waiting import patience
from workbench.components.engines.docker.process_limit import PROCESSES

ROWS = 1000
TOLERANCE = 1e-5


def test_a_thousand_rows_are_answered_as_the_pipeline_does_offline(served: Served) -> None:
    sample = served.workspace.folder / "churn.csv"
    data = dataset.parse(sample.read_bytes(), str(sample))
    rows = _as_json(data.features.head(ROWS))

    answers = _post(served.url, served.workspace.key(served.stack), rows)

    fitted = pipeline.churn_model(Parameters(), 1).fit(*_training_part(data, str(sample)))
    offline = fitted.predict_proba(data.features.head(ROWS))[:, 1]
    online = np.array([answer["probability"] for answer in answers])
    assert len(online) == ROWS
    assert np.abs(online - offline).max() <= TOLERANCE
    assert {(answer["model"], answer["version"]) for answer in answers} == {("churn", served.model["version"])}
    assert 0 < sum(answer["prediction"] for answer in answers) < ROWS


def test_an_image_holds_what_serves_and_nothing_that_trains(served: Served, engine: docker.DockerClient) -> None:
    image = served.workspace.service(served.stack)["image"]

    listing = engine.containers.run(image, ["python3", "-c", LISTING], remove=True).decode().splitlines()

    assert "onnxruntime" in listing
    assert not {"sklearn", "pandas", "scipy", "skl2onnx", "pip"} & set(listing)
    assert not [name for name in listing if name.endswith((".pkl", ".pickle", ".joblib"))]


def test_each_container_of_a_stack_has_a_limit_of_processes(served: Served, engine: docker.DockerClient) -> None:
    running = _containers(served, engine)

    assert {str(each.name).rpartition("-")[2] for each in running} >= {"gateway", "registry", "0"}
    assert {each.name: each.attrs["HostConfig"]["PidsLimit"] for each in running} == {
        each.name: PROCESSES for each in running
    }
    assert {_said(each, "python3", "-c", BOUND) for each in running} == {str(PROCESSES)}


def test_one_source_may_hold_only_a_part_of_the_gateways_connections(
    served: Served, engine: docker.DockerClient
) -> None:
    address = urlsplit(served.url)
    gateway = next(each for each in _containers(served, engine) if str(each.name).endswith("gateway"))
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    try:
        with ExitStack() as held:
            answered = [_asks(held, str(address.hostname), int(address.port or 80)) for _ in range(SOURCE + 50)]
            # The container itself is another source.
            beside = _said(gateway, "python3", "-IS", "-c", BESIDE)
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    assert 0 < sum(answered) <= SOURCE
    assert not any(answered[SOURCE:])
    assert beside == "200"
    assert _post(served.url, served.workspace.key(served.stack), []) == []


# By control groups of version 2 or 1; the images have no shell.
PLACES = ("/sys/fs/cgroup/pids.max", "/sys/fs/cgroup/pids/pids.max")
BOUND = f"import os; print(*(open(each).read().strip() for each in {PLACES} if os.path.exists(each)))"
SOURCE = 1000
BESIDE = "import urllib.request as r; print(r.urlopen('http://127.0.0.1:8080/healthz', timeout=10).status)"
LISTING = """
import pathlib
for path in pathlib.Path('/opt/workbench').rglob('*'):
    print(path.name)
"""


def _containers(served: Served, engine: docker.DockerClient) -> list[Container]:
    """All that runs of a stack."""
    return [each for each in engine.containers.list() if str(each.name).startswith(f"churn-{served.stack}-")]


def _said(container: Container, *command: str) -> str:
    return bytes(container.exec_run([*command]).output).decode().strip()  # type: ignore[arg-type] # no stream was asked for


def _asks(held: ExitStack, host: str, port: int) -> bool:
    """Whether the gateway answers over one connection more, which stays open."""
    connection = held.enter_context(socket.create_connection((host, port), timeout=30))
    try:
        connection.sendall(b"GET /healthz HTTP/1.1\r\nhost: toy\r\n\r\n")
        return connection.recv(15) == b"HTTP/1.1 200 OK"
    except ConnectionError:
        return False


def _training_part(data: dataset.Dataset, source: str) -> tuple[pd.DataFrame, np.ndarray[Any, Any]]:
    train, _ = fitting.split(data, Parameters().test_share, 1, source)
    return train.features, train.label


def _as_json(features: pd.DataFrame) -> list[dict[str, object]]:
    """Rows as a caller sends them: a missing number is null."""
    return [
        {str(name): None if pd.isna(value) else value for name, value in row.items()}
        for row in features.astype(object).to_dict(orient="records")
    ]


def _post(url: str, key: str, rows: list[dict[str, object]]) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    request = urllib.request.Request(url, json.dumps({"input_df": rows}).encode(), headers)  # noqa: S310 - our own
    with urllib.request.urlopen(request, timeout=patience(30)) as answer:  # noqa: S310 - our own
        found: list[dict[str, Any]] = json.load(answer)
    return found
