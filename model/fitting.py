"""Split, fit, measure, export: from a dataset to the files of a model version. Writes nothing, registers nothing."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from sklearn.model_selection import train_test_split
from threadpoolctl import threadpool_limits

from model import onnx_export, pipeline
from model.columns import LABEL
from model.dataset import Dataset
from model.parameters import Parameters
from model.service_schema import service_schema, signature
from workbench.core.canonical import canonical_json
from workbench.core.counting import counted
from workbench.core.errors import DataError
from workbench.experiments.history import evaluate, evaluation
from workbench.experiments.history.evaluation import Evaluation

_CUSTOMERS_PER_CLASS = 10
_EXAMPLES = 3


@dataclass(frozen=True)
class Fitted:
    """What a run gives: the files of a model version (path → bytes), its metrics, and files that only the run keeps."""

    files: dict[str, bytes]
    metrics: dict[str, Any]
    kept: dict[str, bytes]


def split(data: Dataset, share: float, seed: int, source: str) -> tuple[Dataset, Dataset]:
    """Training and test part: no customer is in both, and churners are in both in like shares.

    Raises DataError when a class has too few customers to be in both.
    """
    customers, index = np.unique(data.customer, return_inverse=True)
    leaves = np.zeros(len(customers), dtype=np.int64)
    np.maximum.at(leaves, index, data.label)
    # Then the rarer class is at least once in either part.
    needed = max(_CUSTOMERS_PER_CLASS, math.ceil(1 / share))
    for name, count in ((0, int((leaves == 0).sum())), (1, int(leaves.sum()))):
        if count < needed:
            raise DataError(
                f"{source}: column {LABEL!r} is {name} for {counted(count, 'customer')};"
                f" at least {needed} are needed to test on customers that were not trained on"
            )
    _, test = train_test_split(np.arange(len(customers)), test_size=share, stratify=leaves, random_state=seed)
    chosen = np.isin(index, test)
    return data.take(np.flatnonzero(~chosen)), data.take(np.flatnonzero(chosen))


def fit(train: Dataset, test: Dataset, parameters: Parameters, seed: int, say: Callable[[str], None]) -> Fitted:
    """Fit on `train`, measure against both baselines on `test`, convert and compare with ONNX on all of `test`.

    Raises TrainingError when ONNX and scikit-learn differ. The same arguments give the same bytes.
    """
    # The sums inside gradient boosting depend on the number of threads: one thread, one digest on every machine.
    with threadpool_limits(limits=1):
        say(f"fitting on {_size(train)}")
        model = pipeline.churn_model(parameters, seed).fit(train.features, train.label)
        baselines = {"logistic": pipeline.logistic(), "majority": pipeline.majority()}
        answers = {"model": model.predict_proba(test.features)}
        for name, baseline in baselines.items():
            answers[name] = baseline.fit(train.features, train.label).predict_proba(test.features)
        say(f"measuring on {_size(test)}")
        churning = {name: answer[:, 1] for name, answer in answers.items()}
        metrics = evaluate.report(test.label, test.customer, churning, replicates=parameters.replicates, seed=seed)
    say("converting to ONNX")
    onnx, categories = onnx_export.to_onnx(model), onnx_export.categories(model)
    inputs = onnx_export.tensor(test.features, categories)
    difference = onnx_export.largest_difference(onnx, inputs, answers["model"])
    metrics["onnx_largest_difference"] = difference
    say(f"ONNX and scikit-learn differ by at most {difference:.1e}")
    files = {
        "model.onnx": onnx,
        "service_schema.json": canonical_json(service_schema(train.features, _examples(train))),
        "signature.json": canonical_json(signature(categories)),
    }
    answered = Evaluation.of(test.label, test.customer, churning)
    return Fitted(files, metrics, {evaluation.FILE: answered.to_json()})


def _size(data: Dataset) -> str:
    return f"{counted(len(data.label), 'row')} of {counted(len(np.unique(data.customer)), 'customer')}"


def _examples(data: Dataset) -> list[int]:
    """Up to three rows of different customers: one that stays, one that leaves, one with a value missing."""
    missing = np.asarray(data.features.isna().any(axis=1))
    rows: list[int] = []
    for wanted in (data.label == 0, data.label == 1, missing):
        fresh = wanted & ~np.isin(data.customer, data.customer[rows])
        rows += np.flatnonzero(fresh)[:1].tolist()
    return rows[:_EXAMPLES]
