"""Metrics as records of runs and models hold them: values, intervals, and which side is the good one. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

_LARGEST = 2**1000  # JSON has whole numbers that no float holds
_HIGHER = ("accuracy", "auc", "precision", "recall", "f1", "r2", "score")
_LOWER = ("loss", "brier", "error", "mae", "mse", "rmse", "deviance")


@dataclass(frozen=True)
class Measured:
    """A metric's value, and its interval where one is known."""

    value: float
    low: float | None = None
    high: float | None = None


def good_side(metric: str) -> Literal["higher", "lower"] | None:
    """Which values of a metric are the better ones; None of a name that we don't know."""
    name = metric.lower()
    if any(word in name for word in _LOWER):
        return "lower"
    return "higher" if any(word in name for word in _HIGHER) else None


def own(metrics: Mapping[str, Any]) -> Mapping[str, Any]:
    """The metrics of the run's own model, where others were measured beside it."""
    models = metrics.get("models")
    inner = models.get("model") if isinstance(models, Mapping) else None
    return inner if isinstance(inner, Mapping) else metrics


def measured(value: Any) -> Measured | None:  # noqa: ANN401 - any JSON value
    """One metric: a number, or an object with `value`, `low` and `high`; None of what is neither."""
    if not isinstance(value, Mapping):
        return Measured(float(value)) if _is_number(value) else None
    if not all(_is_number(value.get(key)) for key in ("value", "low", "high")):
        return None
    return Measured(float(value["value"]), float(value["low"]), float(value["high"]))


def read(metrics: Mapping[str, Any]) -> dict[str, Measured]:
    """All metrics of a record's own model, by name."""
    return {name: found for name, value in own(metrics).items() if (found := measured(value))}


def bounds(first: Measured, other: Measured) -> tuple[float, float] | None:
    """The interval of `other - first` made of their own intervals; None where one has none."""
    if first.low is None or first.high is None or other.low is None or other.high is None:
        return None
    difference = other.value - first.value
    # The squares of independent spreads add up, on either side.
    below = math.hypot(other.value - other.low, first.high - first.value)
    above = math.hypot(other.high - other.value, first.value - first.low)
    return difference - below, difference + above


def verdict(metric: str, low: float, high: float) -> str:
    """What a difference between `low` and `high` means: `better`, `worse` or `can't tell`.

    `higher` or `lower` of a metric that we don't know the good side of.
    """
    if not (low > 0 or high < 0):
        return "can't tell"
    higher = low > 0
    good = good_side(metric)
    if good is None:
        return "higher" if higher else "lower"
    return "better" if higher == (good == "higher") else "worse"


def _is_number(value: object) -> bool:
    if isinstance(value, bool):
        return False
    return isinstance(value, float) or (isinstance(value, int) and abs(value) < _LARGEST)
