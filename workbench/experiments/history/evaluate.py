"""Metrics of predicted probabilities with intervals over customers. Knows neither models nor files."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]
LEVEL = 0.95
THRESHOLD = 0.5
METHOD = "percentile bootstrap resampling customers"
# Weights of so many rows are in memory at once, whatever the data's size.
_CELLS = 1_000_000
_EPSILON = float(np.finfo(np.float32).eps)


def report(
    label: Labels,
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
    scores = draws(label, group, probability, replicates=replicates, seed=seed)
    first, *others = scores
    return {
        "method": METHOD,
        "level": LEVEL,
        "replicates": replicates,
        "threshold": THRESHOLD,
        "rows": len(label),
        "customers": int(group.max()) + 1,
        "positive_share": float(label.mean()),
        "models": {name: {key: summary(values) for key, values in each.items()} for name, each in scores.items()},
        "differences": {
            f"{first} - {other}": {key: summary(scores[first][key] - scores[other][key]) for key in scores[first]}
            for other in others
        },
    }


def draws(
    label: Labels, group: npt.NDArray[np.intp], probability: Mapping[str, Floats], *, replicates: int, seed: int
) -> dict[str, dict[str, Floats]]:
    """By model and metric, the value on the rows themselves and then on each resample: [1 + replicates].

    `group` [n] numbers the customers from 0 without a gap.
    """
    measures = {name: Measure.of(label, values) for name, values in probability.items()}
    parts = [
        {name: measure.under(weights) for name, measure in measures.items()}
        for weights in resamples(group, replicates, seed)
    ]
    return {
        name: {key: np.concatenate([part[name][key] for part in parts]) for key in parts[0][name]} for name in measures
    }


def resamples(group: npt.NDArray[np.intp], replicates: int, seed: int) -> Iterator[Floats]:
    """Row weights [some, n]: ones first, then how often each row's customer was drawn, with replacement."""
    rng = np.random.default_rng(seed)
    customers = int(group.max()) + 1
    yield np.ones((1, len(group)))
    step = max(1, _CELLS // len(group))
    for start in range(0, replicates, step):
        count = min(step, replicates - start)
        drawn = rng.integers(0, customers, (count, customers)) + customers * np.arange(count)[:, None]
        times = np.bincount(drawn.ravel(), minlength=count * customers).reshape(count, customers)
        yield times[:, group].astype(np.float64)


@dataclass(frozen=True)
class Measure:
    """What one model's metrics need of its answers, worked out once for all resamples.

    `sums` [n, 6]: one, label, claimed, hit, squared error and log loss of each row. `order` [n]: rows by falling
    probability; `ends`: the last place of each run of equal probabilities in it, which count as one step.
    """

    sums: Floats
    ordered_label: Labels
    order: npt.NDArray[np.intp]
    ends: npt.NDArray[np.intp]

    @classmethod
    def of(cls, label: Labels, probability: Floats) -> "Measure":
        """For labels [n] of 0 and 1 and probabilities [n] of 1."""
        claimed = (probability >= THRESHOLD).astype(np.float64)
        clipped = np.clip(probability, _EPSILON, 1 - _EPSILON)
        loss = -np.log(np.where(label == 1, clipped, 1 - clipped))
        columns = [np.ones(len(label)), label, claimed, claimed * label, (probability - label) ** 2, loss]
        order = np.argsort(-probability, kind="stable")
        ends = np.append(np.flatnonzero(np.diff(probability[order])), len(order) - 1)
        return cls(np.column_stack(columns), label[order], order, ends)

    def under(self, weights: Floats) -> dict[str, Floats]:
        """Each metric [replicates] under `weights` [replicates, n]; NaN for a replicate of one class."""
        total, positive, claimed, hits, squared, loss = (weights @ self.sums).T
        area, precision = self._ranking(weights)
        return {
            "accuracy": (total - claimed - positive + 2 * hits) / total,
            "roc_auc": area,
            "average_precision": precision,
            "brier": squared / total,
            "log_loss": loss / total,
            "f1": np.divide(2 * hits, claimed + positive, out=np.zeros(len(hits)), where=claimed + positive > 0),
        }

    def _ranking(self, weights: Floats) -> tuple[Floats, Floats]:
        ordered = weights[:, self.order]
        every = np.cumsum(ordered, axis=1)[:, self.ends]
        above = np.cumsum(ordered * self.ordered_label, axis=1)[:, self.ends]
        below = every - above
        gained, passed = np.diff(above, axis=1, prepend=0), np.diff(below, axis=1, prepend=0)
        share = np.divide(above, every, out=np.zeros_like(above), where=every > 0)
        with np.errstate(invalid="ignore"):
            area = (passed * (above - gained / 2)).sum(axis=1) / (above[:, -1] * below[:, -1])
            precision = (gained * share).sum(axis=1) / above[:, -1]
        return area, precision


def summary(values: Floats) -> dict[str, float]:
    """The value on the rows themselves (the first of `values`) and the interval of the others, those of resamples."""
    tail = (1 - LEVEL) / 2
    low, high = np.nanquantile(values[1:], [tail, 1 - tail])
    return {"value": float(values[0]), "low": float(low), "high": float(high)}
