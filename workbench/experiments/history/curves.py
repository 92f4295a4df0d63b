"""Curves of a model's answers with bands over customers: ROC, precision, calibration, lift. Draws nothing."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from workbench.experiments.history import evaluate
from workbench.experiments.history.evaluate import Floats, Labels

_REPLICATES = 200
_POINTS = 101
_BINS = 10
# A precision of so few rows says nothing, and its band hides the rest.
_FIRST_SHARE = 0.01


@dataclass(frozen=True)
class Curve:
    """Values `y` at `x`, with the 95 % band `low` to `high` of resampled customers; all [points]."""

    x: Floats
    y: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Curves:
    """All curves of one model on one test part, and its summary for legends: metric → value."""

    roc: Curve
    precision_recall: Curve
    calibration: Curve
    lift: Curve
    metrics: dict[str, float]
    positive_share: float


def curves(label: Labels, customer: npt.NDArray[np.intp], probability: Floats, seed: int = 0) -> Curves:
    """Curves for labels [n], customers [n] numbered from 0, and probabilities [n] of 1.

    `roc`: true positive rate by false positive rate. `precision_recall`: precision by recall. `calibration`: share of
    churners by mean probability, in tenths of the rows. `lift`: how many times more churners than among all are in the
    share x of rows with the highest probability.
    """
    measure = evaluate.Measure.of(label, probability)
    grid = np.linspace(0, 1, _POINTS)
    shares = np.linspace(_FIRST_SHARE, 1, _POINTS - 1)
    bins = _Bins.of(label, probability)
    drawn: dict[str, list[Floats]] = {"roc": [], "precision_recall": [], "lift": [], "calibration": []}
    for weights in evaluate.resamples(customer, _REPLICATES, seed):
        positive, total = weights @ label, weights.sum(axis=1)
        # A resample of one class has no curves.
        for weight in weights[(positive > 0) & (positive < total)]:
            steps = _Steps.of(measure, weight)
            drawn["roc"].append(steps.roc(grid))
            drawn["precision_recall"].append(steps.precision(shares))
            drawn["lift"].append(steps.lift(shares))
            drawn["calibration"].append(bins.observed(weight))
    measured = measure.under(np.ones((1, len(label))))
    return Curves(
        roc=_band(grid, drawn["roc"]),
        precision_recall=_band(shares, drawn["precision_recall"]),
        calibration=_band(bins.mean, drawn["calibration"]),
        lift=_band(shares, drawn["lift"]),
        metrics={name: float(values[0]) for name, values in measured.items()},
        positive_share=float(label.mean()),
    )


@dataclass(frozen=True)
class _Steps:
    """How many rows, and how many churners, stand at or above each threshold; both begin with 0."""

    every: Floats
    hits: Floats

    @classmethod
    def of(cls, measure: evaluate.Measure, weights: Floats) -> "_Steps":
        """When row i counts `weights[i]` times."""
        ordered = weights[measure.order]
        every = np.cumsum(ordered)[measure.ends]
        hits = np.cumsum(ordered * measure.ordered_label)[measure.ends]
        return cls(np.concatenate([[0.0], every]), np.concatenate([[0.0], hits]))

    def roc(self, grid: Floats) -> Floats:
        misses = self.every - self.hits
        return _at(grid, misses / misses[-1], self.hits / self.hits[-1])

    def precision(self, grid: Floats) -> Floats:
        """Between two steps churners and others come evenly, so that precision is a ratio of two straight lines."""
        full = int(np.argmax(self.hits == self.hits[-1])) + 1
        every = _at(grid, self.hits[:full] / self.hits[-1], self.every[:full])
        return np.asarray(grid * self.hits[-1] / every, dtype=np.float64)

    def lift(self, grid: Floats) -> Floats:
        hits = _at(grid, self.every / self.every[-1], self.hits / self.hits[-1])
        return np.asarray(hits / grid, dtype=np.float64)


def _at(grid: Floats, x: Floats, y: Floats) -> Floats:
    """The line through (x, y) at `grid`; where it rises straight up, its upper end."""
    last = np.append(np.diff(x) > 0, [True])
    return np.asarray(np.interp(grid, x[last], y[last]), dtype=np.float64)


@dataclass(frozen=True)
class _Bins:
    """Tenths of the rows by probability, fewer where a model gives few answers. `member` [n, bins] is 0 or 1."""

    member: Floats
    label: Labels
    mean: Floats

    @classmethod
    def of(cls, label: Labels, probability: Floats) -> "_Bins":
        edges = np.quantile(probability, np.linspace(0, 1, _BINS + 1))
        place = np.searchsorted(np.unique(edges[1:-1]), probability)
        member = (place[:, None] == np.unique(place)).astype(np.float64)
        return cls(member, label, (probability @ member) / member.sum(axis=0))

    def observed(self, weights: Floats) -> Floats:
        """The share of churners in each bin; NaN in one that no row of the resample fell into."""
        with np.errstate(invalid="ignore"):
            return np.asarray((weights * self.label) @ self.member / (weights @ self.member), dtype=np.float64)


def _band(x: Floats, drawn: list[Floats]) -> Curve:
    """From values [points] of the rows themselves, then of each resample."""
    tail = (1 - evaluate.LEVEL) / 2
    low, high = np.nanquantile(np.array(drawn[1:]), [tail, 1 - tail], axis=0)
    return Curve(x, drawn[0], low, high)
