"""A script run once for each point of a grid: a record a run under one sweep's id, side by side where the target can.

Owns the order of steps and what an interrupt does. On a cluster all runs are one indexed Job.
"""

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core.counting import counted
from workbench.core.errors import WorkbenchError
from workbench.experiments.runs import execution, experiment, grid, outputs, run_record, submission, tracked
from workbench.experiments.runs.experiment import LOG, Place
from workbench.experiments.runs.grid import Axis
from workbench.experiments.runs.run_record import Run
from workbench.experiments.targets import Assembling, Job, Running, Runtime, Target, TargetError, snapshot

Say = Callable[[str], None]
Record = dict[str, Any]
_TOGETHER = 10


@dataclass(frozen=True, kw_only=True)
class Plan:
    """What to run: a request whose arguments stay the same, the axes of the grid, and how many runs at a time."""

    request: experiment.Request
    axes: Sequence[Axis]
    parallel: int | None = None


@dataclass(frozen=True)
class Swept:
    """The sweep's id, its runs' records in the order of the grid, and whether people ended it."""

    id: str
    records: list[Record]
    interrupted: bool


def run(plan: Plan, say: Say, root: Path | None = None) -> Swept:
    """Run all points. Raises WorkbenchError before the first run; then what goes wrong stands in the records."""
    place = experiment.locate(plan.request.configuration, plan.request.target)
    if not place.configuration.tracked:
        name = place.configuration.name
        raise TargetError(
            f"{name}.runconfig: TrackedRun is false, and a sweep is known by its records; remove the line"
        )
    points = grid.points(plan.axes)
    commands = [
        submission.read(
            place.configuration, place.project, plan.request.script, (*plan.request.arguments, *grid.arguments(point))
        )
        for point in points
    ]
    settings = experiment.spark_defaults(place.configuration)
    runtime = place.target.prepare(place.configuration, say, build=place.configuration.prepare)
    taken = snapshot.take(place.project, [file for command in commands for file in command.files.values()])
    sweep = f"{place.name}_sweep_{time.time_ns() // 1_000_000}"
    runs: list[Run] = []
    try:
        for command, point in zip(commands, points, strict=True):
            known = {**experiment.facts(place, command, runtime, taken), "sweep": sweep, "point": point}
            runs.append(Run.start(place.name, known, root))
        jobs = [
            experiment.job(each.id, place, command, settings, taken, each.folder / tracked.FILE)
            for each, command in zip(runs, commands, strict=True)
        ]
        say(f"sweep {sweep}: {counted(len(runs), 'run')}")
        interrupted = _Crowd(runs, jobs, say).run(place, runtime, plan.parallel)
    except BaseException as error:
        for each in runs:
            if each.document["status"] == run_record.RUNNING:
                experiment.broken(each, error)
        raise
    return Swept(sweep, [each.document for each in runs], interrupted)


class _Crowd:
    """All runs of a sweep."""

    def __init__(self, runs: Sequence[Run], jobs: Sequence[Job], say: Say) -> None:
        self._runs, self._jobs, self._say = runs, jobs, say
        self._active: set[Running] = set()
        self._canceled = threading.Event()

    def run(self, place: Place, runtime: Runtime, parallel: int | None) -> bool:
        """Run them; whether people ended it."""
        assembles = isinstance(place.target, Assembling)
        at_once = parallel or (_TOGETHER if assembles else 1)
        # A cluster decides whose turn it is: somebody must be there for whoever it chooses.
        threads = len(self._jobs) if assembles else at_once
        with _together(place.target, self._jobs, runtime, at_once) as target, ThreadPoolExecutor(threads) as pool:
            pairs = zip(self._runs, self._jobs, strict=True)
            futures = {pool.submit(self._one, target, runtime, each, job): each for each, job in pairs}
            try:
                for done, future in enumerate(as_completed(futures), 1):
                    future.result()
                    self._tell(done, futures[future])
            except BaseException as error:
                if isinstance(error, KeyboardInterrupt):
                    self._say("stopping the runs; interrupt again to end them at once")
                self._cancel()
                if not isinstance(error, KeyboardInterrupt):
                    raise
        return self._canceled.is_set()

    def _one(self, target: Target, runtime: Runtime, run: Run, job: Job) -> None:
        """One run from its start to its end; what goes wrong with it stands in its record."""
        try:
            self._check()
            run.begin()
            with execution.scratch() as written, (run.folder / LOG).open("ab") as log:
                write, told = execution.both(lambda _data: None, log), list[str]()
                try:
                    with target.start(job, runtime) as running, self._known(running):
                        for data in running.output():
                            write(data)
                        ended = running.ended()
                        told = running.collect(written)
                finally:
                    told += outputs.keep(written, run.folder / outputs.OUTPUTS)
                    outputs.tell([f"{run.id}: {line}" for line in told], self._say)
            if ended.code:
                self._check()
        except (WorkbenchError, OSError, KeyboardInterrupt) as error:
            experiment.broken(run, error)
        else:
            experiment.over(run, ended)

    def _check(self) -> None:
        if self._canceled.is_set():
            raise KeyboardInterrupt

    @contextlib.contextmanager
    def _known(self, running: Running) -> Iterator[None]:
        self._active.add(running)
        if self._canceled.is_set():
            running.stop()
        try:
            yield
        finally:
            self._active.discard(running)

    def _cancel(self) -> None:
        self._canceled.set()
        for running in list(self._active):
            with contextlib.suppress(WorkbenchError):
                running.stop()

    def _tell(self, done: int, run: Run) -> None:
        document = run.document
        point = " ".join(f"{name}={value}" for name, value in document["point"].items())
        error = f": {document['error']}" if document.get("error") else ""
        self._say(f"{done} of {len(self._runs)}: {point} {document['status']}{error}")


@contextlib.contextmanager
def _together(target: Target, jobs: Sequence[Job], runtime: Runtime, parallel: int) -> Iterator[Target]:
    if isinstance(target, Assembling):
        with target.together(jobs, runtime, parallel) as job_pods:
            yield job_pods
    else:
        yield target
