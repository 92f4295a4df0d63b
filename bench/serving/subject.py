"""What all servers score: one trained model as a manifest and as a scikit-learn pipeline, rows, and right answers.

The pipeline is the one that `workbench train` converts to ONNX: fitted again, on the same rows, with the same seed.
"""

import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.pipeline import Pipeline
from threadpoolctl import threadpool_limits

from model import dataset, fitting, pipeline, sample
from model.columns import FEATURES
from model.dataset import Dataset
from model.parameters import Parameters
from workbench.registry.manifests.assemble import assemble
from workbench.registry.manifests.manifest import Manifest
from workbench.registry.models.registry import ModelRegistry

SERVICE = "churnpred"
SEED = 0
CUSTOMERS_ROWS = 20_000
# Rows a request → how many different requests go round.
BATCHES = {1: 64, 100: 16}

Row = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """The rows of one request, as JSON has them, and scikit-learn's probability of churn for each."""

    rows: list[Row]
    expected: list[float]


@dataclass(frozen=True, kw_only=True)
class Subject:
    """`pipeline` is a pickle that needs scikit-learn alone; `batches` are by rows a request."""

    manifest: Manifest
    pipeline: Path
    batches: Mapping[int, list[Batch]]


def make(folder: Path, registry: Path, say: Callable[[str], None]) -> Subject:
    """Generate data and train by the project's own functions; a registry that has the model is not asked for more."""
    file = folder / "churn.csv"
    file.write_bytes(sample.generate(CUSTOMERS_ROWS, seed=0))
    parameters = Parameters()
    data = dataset.parse(file.read_bytes(), str(file))
    learned, test = fitting.split(data, parameters.test_share, SEED, str(file))
    trained = fitting.fit(learned, test, parameters, SEED, say)
    model = ModelRegistry(registry).register("churn", trained.files, run_id="", metrics=trained.metrics)
    manifest = assemble(SERVICE, [model], say, root=registry)
    fitted = _fit(learned, parameters)
    target = folder / "pipeline.pkl"
    target.write_bytes(pickle.dumps(fitted))
    probabilities = fitted.predict_proba(test.features)[:, 1]
    batches = {size: _batches(test.features, probabilities, size, count) for size, count in BATCHES.items()}
    return Subject(manifest=manifest, pipeline=target, batches=batches)


def _fit(learned: Dataset, parameters: Parameters) -> Pipeline:
    model = pipeline.churn_model(parameters, SEED)
    # A chosen list in place of the function that chooses: the pickle then opens where our code is not.
    parts = [
        (name, part, columns(learned.features) if callable(columns) else columns)
        for name, part, columns in model.named_steps["encode"].transformers
    ]
    with threadpool_limits(limits=1):
        return model.set_params(encode__transformers=parts).fit(learned.features, learned.label)


def _batches(features: pd.DataFrame, probabilities: npt.NDArray[np.float64], size: int, count: int) -> list[Batch]:
    starts = range(0, size * count, size)
    return [
        Batch([_row(features, at) for at in range(start, start + size)], probabilities[start : start + size].tolist())
        for start in starts
    ]


def _row(features: pd.DataFrame, at: int) -> Row:
    return {column.name: _cell(features[column.name].iloc[at]) for column in FEATURES}


def _cell(value: str | float) -> str | int | float | None:
    """What a caller would write: null for missing, 0.06 for the float32 nearest to it, 30 for 30.0."""
    if isinstance(value, str):
        return value or None
    if np.isnan(value):
        return None
    number = float(str(value))
    return int(number) if number.is_integer() else number
