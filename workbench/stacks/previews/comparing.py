"""How good a new model is beside what serves: by the answers that both runs kept, else by recorded intervals."""

from typing import Any

from workbench.core.errors import WorkbenchError
from workbench.stacks.previews.release_facts import ReleaseFacts
from workbench.stacks.previews.service_change import MetricChange, metrics_by_records

Compared = tuple[tuple[MetricChange, ...], dict[str, tuple[Any, Any]], tuple[str, ...]]


def compare(old: ReleaseFacts | None, new: ReleaseFacts) -> Compared:
    """Metrics, parameters that differ, and remarks."""
    if old is None:
        return metrics_by_records(None, new), {}, ()
    if old.versions == new.versions and old.versions:
        return (), {}, ()
    if old.run is None or new.run is None:
        missing = "serves now" if old.run is None else "comes"
        remark = f"the run of what {missing} is not in this registry; intervals are made of the recorded ones"
        return metrics_by_records(old, new), {}, (remark,)
    try:
        return _by_runs(old, new, old.run, new.run)
    except (WorkbenchError, OSError) as error:
        return metrics_by_records(old, new), {}, (f"runs cannot be compared: {error}",)


def _by_runs(old: ReleaseFacts, new: ReleaseFacts, before: dict[str, Any], after: dict[str, Any]) -> Compared:
    from workbench.experiments.history import answers, comparison  # numpy is slow to import

    tested = [comparison.Candidate(run, answers.of(run)) for run in (before, after)]
    found = comparison.compare(tested)
    ids = [str(run["id"]) for run in (before, after)]
    parameters = {name: (values.get(ids[0]), values.get(ids[1])) for name, values in found.parameters.items()}
    changes = tuple(
        MetricChange(
            difference.metric,
            old.metrics.get(difference.metric),
            new.metrics.get(difference.metric),
            difference.difference,
            difference.low,
            difference.high,
            difference.verdict,
        )
        for difference in found.differences
    )
    return changes, parameters, tuple(found.remarks)
