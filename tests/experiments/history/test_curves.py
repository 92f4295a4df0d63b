import numpy as np
import numpy.typing as npt
import pytest
from sklearn import metrics
from sklearn.calibration import calibration_curve

from workbench.experiments.history.curves import Curve, Curves, curves

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@pytest.fixture(scope="module")
def data() -> tuple[Labels, Floats]:
    rng = np.random.default_rng(1)
    label = rng.permutation(np.repeat([0, 1], [600, 200]))
    return label, np.clip(rng.normal(0.3 + 0.25 * label, 0.15), 0.01, 0.99)


@pytest.fixture(scope="module")
def found(data: tuple[Labels, Floats]) -> Curves:
    label, probability = data
    return curves(label, np.arange(len(label)), probability)


def test_roc_is_that_of_scikit_learn(data: tuple[Labels, Floats], found: Curves) -> None:
    misses, hits, _ = metrics.roc_curve(*data, drop_intermediate=False)
    last = np.append(np.diff(misses) > 0, [True])
    assert found.roc.y == pytest.approx(np.interp(found.roc.x, misses[last], hits[last]))
    assert found.roc.y[-1] == 1


def test_precision_is_that_of_scikit_learn_where_a_threshold_reaches_the_recall(
    data: tuple[Labels, Floats], found: Curves
) -> None:
    precision, recall, _ = metrics.precision_recall_curve(*data)
    # Each point of the curve is a recall that thresholds reach; the last of them before the next churner is meant.
    expected = [precision[np.isclose(recall, share)].min() for share in found.precision_recall.x[:-1]]
    assert found.precision_recall.y[:-1] == pytest.approx(expected)
    whole = precision[recall == 1].max()
    assert found.precision_recall.y[-1] == pytest.approx(whole)


def test_lift_counts_churners_among_the_first_rows(data: tuple[Labels, Floats], found: Curves) -> None:
    label, probability = data
    first = label[np.argsort(-probability, kind="stable")][: len(label) // 10]
    assert found.lift.y[np.isclose(found.lift.x, 0.1)] == pytest.approx(first.mean() / label.mean())
    assert found.lift.y[-1] == pytest.approx(1)


def test_calibration_is_that_of_scikit_learn(data: tuple[Labels, Floats], found: Curves) -> None:
    observed, predicted = calibration_curve(*data, n_bins=10, strategy="quantile")
    assert found.calibration.x == pytest.approx(predicted)
    assert found.calibration.y == pytest.approx(observed)


def test_rows_with_equal_probabilities_share_a_bin(data: tuple[Labels, Floats]) -> None:
    label, rounded = data[0], data[1].round(1)
    observed, predicted = calibration_curve(label, rounded, n_bins=10, strategy="quantile")
    found = curves(label, np.arange(len(label)), rounded).calibration
    assert found.x == pytest.approx(predicted)
    assert found.y == pytest.approx(observed)


def _all(found: Curves) -> list[Curve]:
    return [found.roc, found.precision_recall, found.calibration, found.lift]


def test_bands_hold_the_curve_nearly_everywhere(found: Curves) -> None:
    for curve in _all(found):
        inside = (curve.low <= curve.y + 1e-12) & (curve.y <= curve.high + 1e-12)
        assert inside.mean() > 0.9
        assert (curve.high - curve.low).max() > 0.01


def test_bands_widen_when_rows_share_customers(data: tuple[Labels, Floats], found: Curves) -> None:
    label, probability = data
    order = np.argsort(label, kind="stable")
    shared = curves(label[order], np.arange(len(label)) // 20, probability[order])
    assert (shared.lift.high - shared.lift.low).mean() > 1.5 * (found.lift.high - found.lift.low).mean()


def test_summaries_are_the_metrics_of_the_same_rows(data: tuple[Labels, Floats], found: Curves) -> None:
    assert found.metrics["roc_auc"] == pytest.approx(metrics.roc_auc_score(*data))
    assert found.positive_share == data[0].mean()


def test_a_model_with_one_answer_has_the_curves_of_chance() -> None:
    label = np.array([0, 0, 0, 1] * 25)
    found = curves(label, np.arange(100), np.full(100, 0.25))
    assert found.roc.y == pytest.approx(found.roc.x)
    assert found.lift.y == pytest.approx(np.ones(100))
    assert found.precision_recall.y == pytest.approx(np.full(100, 0.25))
    assert found.calibration.x == pytest.approx([0.25])
    assert found.calibration.y == pytest.approx([0.25])


def test_resamples_without_a_churner_do_not_spoil_the_bands() -> None:
    label = np.array([0, 0, 0, 1])
    for curve in _all(curves(label, np.arange(4), np.array([0.1, 0.4, 0.2, 0.9]))):
        assert np.isfinite(curve.low).all()
        assert np.isfinite(curve.high).all()
