"""The runs of a sweep from the best to the worst by one metric. Reads no files, draws nothing."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.core.errors import ParameterError
from workbench.core.spelling import did_you_mean
from workbench.experiments.runs import run_facts, run_record

Record = Mapping[str, Any]
Goal = Literal["maximize", "minimize"]


@dataclass(frozen=True)
class Ranking:
    """Records, the best first; those that failed or have no finite value come last. Without a metric all stay."""

    metric: str | None
    goal: Goal
    records: list[Record]

    @property
    def best(self) -> Record | None:
        """The run with the best value, None where none has any."""
        first = self.records[0] if self.records and self.metric else None
        return first if first and counts(first, self.metric) else None

    def rows(self) -> list[dict[str, Any]]:
        """For people: a row a run, with the grid's parameters, its metrics and how it ended."""
        names = sorted({name for record in self.records for name in run_facts.metrics(record)})
        names = [self.metric, *(name for name in names if name != self.metric)] if self.metric else names
        return [
            {
                "best": "*" if record is self.best else "",
                "run": record["id"],
                **(record.get("point") or {}),
                **{name: value(record, name) for name in names},
                "status": record["status"],
                "attempt": record.get("attempt"),
                "seconds": record.get("duration_seconds"),
            }
            for record in self.records
        ]

    def document(self, sweep: str) -> dict[str, Any]:
        """For programs."""
        runs = [
            {
                "run": record["id"],
                "status": record["status"],
                "parameters": dict(record.get("point") or {}),
                "metrics": {name: each.value for name, each in run_facts.metrics(record).items()},
                **{name: record[name] for name in ("attempt", "error", "duration_seconds") if name in record},
            }
            for record in self.records
        ]
        best = self.best["id"] if self.best else None
        return {"sweep": sweep, "metric": self.metric, "goal": self.goal, "best": best, "runs": runs}


def rank(records: Sequence[Record], metric: str | None, goal: Goal) -> Ranking:
    """Sort by a metric, or by the only one there is. Raises ParameterError for one that no run has."""
    known = sorted({name for record in records for name in run_facts.metrics(record)})
    if metric and known and metric not in known:
        hint = did_you_mean(metric, known) or f"there is {', '.join(known)}"
        raise ParameterError(f"--metric {metric}: no run told it; {hint}")
    chosen = metric or (known[0] if len(known) == 1 else None)
    if not chosen:
        return Ranking(None, goal, list(records))
    sign = -1 if goal == "maximize" else 1
    counted = [record for record in records if counts(record, chosen)]
    counted.sort(key=lambda record: sign * (value(record, chosen) or 0.0))
    return Ranking(chosen, goal, [*counted, *(record for record in records if not counts(record, chosen))])


def value(record: Record, metric: str | None) -> float | None:
    """A run's value of a metric, None if it has none."""
    found = run_facts.metrics(record).get(metric or "")
    return found.value if found else None


def counts(record: Record, metric: str | None) -> bool:
    """Whether it may be the best: a run that failed is none to take a model from, nor one whose metric is NaN."""
    found = value(record, metric)
    return record["status"] == run_record.COMPLETED and found is not None and math.isfinite(found)
