import numpy as np
import numpy.typing as npt
import pytest
from sklearn import metrics

from workbench.experiments.history import evaluate

Floats = npt.NDArray[np.float64]


@pytest.fixture
def data() -> tuple[npt.NDArray[np.int64], Floats]:
    rng = np.random.default_rng(1)
    label = (rng.random(400) < 0.2).astype(np.int64)
    return label, np.clip(rng.normal(0.3 + 0.3 * label, 0.2), 0.01, 0.99).round(1)  # rounding makes ties


def test_each_metric_is_that_of_scikit_learn_with_ties_and_weights(data: tuple[npt.NDArray[np.int64], Floats]) -> None:
    label, probability = data
    weights = np.random.default_rng(2).integers(0, 4, (3, len(label))).astype(np.float64)
    found = evaluate.Measure.of(label, probability).under(weights)
    for row, weight in enumerate(weights):
        claimed = (probability >= 0.5).astype(int)
        expected = {
            "accuracy": metrics.accuracy_score(label, claimed, sample_weight=weight),
            "roc_auc": metrics.roc_auc_score(label, probability, sample_weight=weight),
            "average_precision": metrics.average_precision_score(label, probability, sample_weight=weight),
            "brier": metrics.brier_score_loss(label, probability, sample_weight=weight),
            "log_loss": metrics.log_loss(label, probability, sample_weight=weight),
            "f1": metrics.f1_score(label, claimed, sample_weight=weight),
        }
        assert {name: values[row] for name, values in found.items()} == pytest.approx(expected)


def test_intervals_hold_the_value_and_widen_when_rows_share_customers(
    data: tuple[npt.NDArray[np.int64], Floats],
) -> None:
    label, probability = data
    order = np.argsort(np.abs(probability - label), kind="stable")
    label, probability = label[order], probability[order]

    def width(rows_a_customer: int) -> float:
        customer = np.char.mod("%d", np.arange(len(label)) // rows_a_customer)
        report = evaluate.report(label, customer, {"model": probability}, replicates=400, seed=0)
        brier = report["models"]["model"]["brier"]
        assert brier["low"] < brier["value"] < brier["high"]
        return float(brier["high"] - brier["low"])

    assert width(20) > 1.5 * width(1)


def test_a_model_does_not_differ_from_itself_in_any_resample(data: tuple[npt.NDArray[np.int64], Floats]) -> None:
    label, probability = data
    customer = np.char.mod("%d", np.arange(len(label)))
    report = evaluate.report(label, customer, {"one": probability, "same": probability}, replicates=100, seed=0)
    differences = report["differences"]["one - same"].values()
    assert all(each == {"value": 0, "low": 0, "high": 0} for each in differences)


def test_the_number_of_rows_in_memory_does_not_change_the_result(
    data: tuple[npt.NDArray[np.int64], Floats], monkeypatch: pytest.MonkeyPatch
) -> None:
    label, probability = data
    customer = np.char.mod("%d", np.arange(len(label)) // 2)
    whole = evaluate.report(label, customer, {"model": probability}, replicates=120, seed=0)
    monkeypatch.setattr(evaluate, "_CELLS", 7 * len(label))
    assert evaluate.report(label, customer, {"model": probability}, replicates=120, seed=0) == whole
