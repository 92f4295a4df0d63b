"""Metrics of predicted probabilities with intervals over customers. Knows neither models nor files."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
LEVEL = 0.95
THRESHOLD = 0.5
METHOD = "percentile bootstrap resampling customers"
_EPSILON = float(np.finfo(np.float32).eps)


def report(
    label: npt.NDArray[np.int64],
    customer: npt.NDArray[np.str_],
    probability: Mapping[str, Floats],
    *,
    replicates: int,
    seed: int,
) -> dict[str, Any]:
    """Metrics of every model and how far the first one is from each other one, on one test part.

    `label` [n] of 0 and 1, `customer` [n], `probability` per model [n] of the positive class. All models are measured
    on the same resamples, so that differences are paired. Answers values, 95 % intervals and the method's name.
    """
    _, group = np.unique(customer, return_inverse=True)
    weights = np.vstack([np.ones(len(label)), resample(group, replicates, seed)])
    scores = {name: measure(label, values, weights) for name, values in probability.items()}
    first, *others = scores
    return {
        "method": METHOD,
        "level": LEVEL,
        "replicates": replicates,
        "threshold": THRESHOLD,
        "rows": len(label),
        "customers": int(group.max()) + 1,
        "positive_share": float(label.mean()),
        "models": {name: {key: _summary(draws) for key, draws in values.items()} for name, values in scores.items()},
        "differences": {
            f"{first} - {other}": {key: _summary(scores[first][key] - scores[other][key]) for key in scores[first]}
            for other in others
        },
    }


def resample(group: npt.NDArray[np.intp], replicates: int, seed: int) -> Floats:
    """Row weights [replicates, n]: how often each row's customer was drawn, with replacement."""
    rng = np.random.default_rng(seed)
    count = int(group.max()) + 1
    drawn = rng.integers(0, count, (replicates, count)) + count * np.arange(replicates)[:, None]
    times = np.bincount(drawn.ravel(), minlength=replicates * count).reshape(replicates, count)
    return times[:, group].astype(np.float64)


def measure(label: npt.NDArray[np.int64], probability: Floats, weights: Floats) -> dict[str, Floats]:
    """Each metric [replicates] of one model under `weights` [replicates, n]; NaN where a replicate has one class."""
    chosen = probability >= THRESHOLD
    positive, total = weights @ label, weights.sum(axis=1)
    hits = weights @ (chosen & (label == 1))
    clipped = np.clip(probability, _EPSILON, 1 - _EPSILON)
    loss = -np.log(np.where(label == 1, clipped, 1 - clipped))
    area, precision = _ranking(label, probability, weights)
    claimed = weights @ chosen
    return {
        "accuracy": weights @ (chosen == (label == 1)) / total,
        "roc_auc": area,
        "average_precision": precision,
        "brier": weights @ (probability - label) ** 2 / total,
        "log_loss": weights @ loss / total,
        "f1": np.divide(2 * hits, claimed + positive, out=np.zeros(len(hits)), where=claimed + positive > 0),
    }


def _ranking(label: npt.NDArray[np.int64], probability: Floats, weights: Floats) -> tuple[Floats, Floats]:
    """ROC AUC and average precision [replicates]; rows of equal probability count as one step."""
    order = np.argsort(-probability, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(probability[order])), len(order) - 1)
    sorted_weights = weights[:, order]
    above = np.cumsum(sorted_weights * label[order], axis=1)[:, ends]
    every = np.cumsum(sorted_weights, axis=1)[:, ends]
    below = every - above
    gained, passed = np.diff(above, axis=1, prepend=0), np.diff(below, axis=1, prepend=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (passed * (above - gained / 2)).sum(axis=1) / (above[:, -1] * below[:, -1])
        share = np.divide(above, every, out=np.zeros_like(above), where=every > 0)
        precision = (gained * share).sum(axis=1) / above[:, -1]
    return area, precision


def _summary(draws: Floats) -> dict[str, float]:
    """The value on the test part itself (the first draw) and the interval of the others."""
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(draws[1:], [tail, 1 - tail])
    return {"value": float(draws[0]), "low": float(low), "high": float(high)}
