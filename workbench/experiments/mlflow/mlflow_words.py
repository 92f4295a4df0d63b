"""Our records in MLflow's words: parameters and tags as texts, metrics as points. Asks no server."""

import math
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from workbench.experiments.runs import run_facts, tracked

_STRANGE = re.compile(r"[^\w./ -]")
_LONGEST = {"params": 6000, "tags": 5000}


def texts(values: Mapping[str, Any], kind: str) -> list[dict[str, str]]:
    """Parameters (`params`) or tags (`tags`) as MLflow takes them."""
    return [{"key": _key(name), "value": str(value)[: _LONGEST[kind]]} for name, value in values.items()]


def tags(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a run's record says that is neither a parameter nor a metric."""
    git = record.get("git") or {}
    told = {
        "workbench.status": record["status"],
        "workbench.model": run_facts.model_label(record),
        "workbench.error": record.get("error"),
        "mlflow.source.git.commit": git.get("commit"),
        "workbench.git.dirty": git.get("dirty"),
    }
    return {name: value for name, value in told.items() if value is not None}


def metrics(record: Mapping[str, Any], folder: Path, ended: int) -> Iterator[dict[str, Any]]:
    """Every point of a series, and of other metrics the value with the ends of its interval."""
    series = tracked.read(folder).series
    for name, points in series.items():
        for point in points:
            if (value := run_facts.number(point.value)) is not None:
                yield _metric(name, value, milliseconds(point.time), point.step)
    for name, measured in run_facts.metrics(record).items():
        ends = {name: measured.value, f"{name}.low": measured.low, f"{name}.high": measured.high}
        for key, value in ends.items():
            if value is not None and name not in series:
                yield _metric(key, value, ended, 0)


def _metric(name: str, value: float, moment: int, step: int) -> dict[str, Any]:
    told = value if math.isfinite(value) else {"inf": "Infinity", "-inf": "-Infinity"}.get(str(value), "NaN")
    return {"key": _key(name), "value": told, "timestamp": moment, "step": step}


def _key(name: str) -> str:
    return _STRANGE.sub("_", name)[:250]


def milliseconds(moment: str) -> int:
    """An ISO 8601 time as MLflow counts it, since 1970."""
    return round(datetime.fromisoformat(moment).timestamp() * 1000)
