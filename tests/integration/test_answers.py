"""The service against the pipeline it was converted from."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import docker
import numpy as np
import pandas as pd

from model.data import dataset
from model.training import fitting, pipeline
from model.training.parameters import Parameters
from tests.integration.workspace import Served
from tests.waiting import patience

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


LISTING = """
import pathlib
for path in pathlib.Path('/opt/workbench').rglob('*'):
    print(path.name)
"""


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
