from typing import Any

import pytest

from workbench.experiments.runs import run_facts
from workbench.policies.metrics import Measured

TRAINING: dict[str, Any] = {
    "id": "churn_1",
    "status": "completed",
    "duration_seconds": 4.5,
    "writer": {"pid": 1},
    "model": {"name": "churn", "version": 3, "digest": "sha256:3"},
    "git": {"commit": "abc", "dirty": False},
    "inputs_digest": "sha256:2",
    "inputs": {"data": "sha256:1", "seed": 7, "parameters": {"max_iter": 12}, "packages": {"numpy": "2.0"}},
    "metrics": {
        "replicates": 1000,
        "models": {
            "logistic": {"roc_auc": {"value": 0.7, "low": 0.6, "high": 0.8}},
            "model": {"roc_auc": {"value": 0.8, "low": 0.7, "high": 0.9}},
        },
    },
}
SCRIPT: dict[str, Any] = {
    "id": "churn_2",
    "status": "failed",
    "target": "docker",
    "parameters": {"depth": 4, "fast": True},
    "inputs": {"data": {"churn.csv": "sha256:1"}, "script": "train.py", "arguments": ["--depth", "4"]},
    "metrics": {"loss": 0.5, "epochs": 3, "best": "xgb", "done": True},
    "series": {"loss": 10},
    "git": None,
}


def test_parameters_are_what_was_put_in_by_flat_names() -> None:
    assert run_facts.parameters(TRAINING) == {
        "max_iter": 12,
        "data": "sha256:1",
        "seed": 7,
        "packages.numpy": "2.0",
        "git.commit": "abc",
        "git.dirty": False,
    }
    assert run_facts.parameters(SCRIPT) == {
        "depth": 4,
        "fast": True,
        "data.churn.csv": "sha256:1",
        "script": "train.py",
        "git": None,
    }


def test_metrics_are_the_models_own_with_intervals_and_a_scripts_numbers() -> None:
    assert run_facts.metrics(TRAINING) == {"roc_auc": Measured(0.8, 0.7, 0.9)}
    assert run_facts.metrics(SCRIPT) == {"loss": Measured(0.5), "epochs": Measured(3.0)}
    assert run_facts.metrics({"id": "churn_3"}) == {}


@pytest.mark.parametrize(
    ("record", "name", "value"),
    [
        (TRAINING, "run", "churn_1"),
        (TRAINING, "status", "completed"),
        (TRAINING, "model", "churn:3"),
        (TRAINING, "seconds", 4.5),
        (TRAINING, "metric.roc_auc", 0.8),
        (TRAINING, "param.max_iter", 12),
        (TRAINING, "param.packages.numpy", "2.0"),
        (TRAINING, "git.dirty", False),
        (SCRIPT, "metric.best", "xgb"),
        (SCRIPT, "metric.done", True),
        (SCRIPT, "param.data.churn.csv", "sha256:1"),
        (SCRIPT, "target", "docker"),
    ],
)
def test_a_fact_is_found_by_its_name_and_listed_among_the_names(record: dict[str, Any], name: str, value: Any) -> None:
    assert run_facts.fact(record, name) == value
    assert name in run_facts.names(record)


@pytest.mark.parametrize(
    "name", ["", "nothing", "git", "git.", "git.commit.x", "metric.", "metric.loss", "writer.pid", "metrics"]
)
def test_what_a_run_does_not_have_is_none_and_is_not_listed(name: str) -> None:
    assert run_facts.fact(TRAINING, name) is None
    assert name not in run_facts.names(TRAINING)


def test_a_run_that_only_began_has_facts_too() -> None:
    assert run_facts.names({"id": "churn_3", "status": "running", "git": None}) == ["run", "status"]
    assert run_facts.fact({"id": "churn_3", "git": None}, "git.commit") is None
