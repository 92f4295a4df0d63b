"""`--plot` of verbs: from runs to a PNG file. Imports matplotlib, so only a verb that draws imports this."""

import math
import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.cli import runs
from workbench.cli.printing import say
from workbench.cli.progress import waiting
from workbench.core import atomic_files
from workbench.core.counting import counted
from workbench.core.errors import ParameterError, RunError
from workbench.core.spelling import did_you_mean
from workbench.experiments.history import plots
from workbench.experiments.history.comparison import Candidate
from workbench.experiments.history.curves import curves
from workbench.experiments.history.evaluation import Evaluation
from workbench.experiments.runs import run_facts, run_record, tracked

Record = dict[str, Any]


def one(path: Path, run: Record, metrics: Sequence[str]) -> None:
    """The curves of a run's model and of what it was measured against; or the series of `metrics`."""
    _check(path)
    if metrics:
        found = {name: {str(run["id"]): _points(run, name)} for name in metrics}
        _write(path, plots.series(found, str(run["id"])))
        return
    kept = runs.evaluation(run)
    if not kept:
        raise RunError(_nothing(run["id"]))
    with waiting("resampling customers"):
        named = [(name, curves(kept.label, kept.customer, values)) for name, values in kept.probability.items()]
        _write(path, plots.curves(named, str(run["id"]), _note([kept])))


def several(path: Path, tested: Sequence[Candidate], metrics: Sequence[str]) -> None:
    """The curves of the models of several runs, side by side; or the series of `metrics`."""
    _check(path)
    first, *others = [each.id for each in tested]
    title = f"{first} and {', '.join(others)}"
    if metrics:
        found = {name: {each.id: _points(each.record, name) for each in tested} for name in metrics}
        _write(path, plots.series(found, title))
        return
    kept = []
    for each in tested:
        if each.evaluation is None:
            raise RunError(_nothing(each.id))
        kept.append((each.id, each.evaluation))
    with waiting("resampling customers"):
        named = [(run, curves(own.label, own.customer, next(iter(own.probability.values())))) for run, own in kept]
        _write(path, plots.curves(named, title, _note([own for _, own in kept])))


def _points(run: Mapping[str, Any], metric: str) -> list[tuple[float, float]]:
    """Step and value of each time that the run's script told a metric; of a list, place and value."""
    told = tracked.read(run_record.files(run["id"]))
    known = {name: [(point.step, point.value) for point in points] for name, points in told.series.items()}
    known |= {name: list(enumerate(values)) for name, values in told.lists.items()}
    if metric not in known:
        have = did_you_mean(metric, known) or f"its series: {', '.join(known) or 'none'}"
        raise RunError(f"run {run['id']}: has no series {metric!r}; {have}")
    points = [(float(step), value) for step, each in known[metric] if (value := run_facts.number(each)) is not None]
    drawn = [point for point in points if math.isfinite(point[1])]
    if not drawn:
        some = ", ".join(str(value) for _, value in known[metric][:3])
        raise RunError(f"run {run['id']}: {metric!r} has no value that can be drawn: {some}")
    if left := len(points) - len(drawn):
        values = counted(len(points), "value")
        say(f"run {run['id']}: not drawn, because NaN or infinite: {left} of {values} of {metric}")
    return drawn


def _note(kept: Sequence[Evaluation]) -> str:
    sizes = dict.fromkeys(
        f"{counted(len(each.label), 'row')} of {counted(each.customer.max() + 1, 'customer')}" for each in kept
    )
    same = len({each.part for each in kept}) == 1
    rows = "the same " if same and len(kept) > 1 else ""
    return f"Tested on {rows}{', '.join(sizes)}. Bands: 95 % of resamples of customers."


def _nothing(run: str) -> str:
    return f"run {run}: kept no answers of its test rows, so there are no curves; train it again, or give --metric"


def _check(path: Path) -> None:
    if path.suffix.lower() != ".png":
        raise ParameterError(f"--plot {path}: a PNG is drawn; name a file that ends with .png")


def _write(path: Path, png: bytes) -> None:
    atomic_files.write_file(path, png)
    say(f"drawn in {os.fspath(path)}")
