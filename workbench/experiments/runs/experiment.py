"""Preparing a run configuration and submitting a script to it: from files of aml_config/ to a run's record.

Owns the order of steps and what is recorded. How a run executes is its target's business, where records lie theirs.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from workbench.core.canonical import canonical_json, digest
from workbench.experiments import targets
from workbench.experiments.configurations import compute, run_configuration, spark
from workbench.experiments.configurations.run_configuration import RunConfiguration
from workbench.experiments.runs import execution, outputs, run_record, submission, tracked
from workbench.experiments.runs.execution import Print
from workbench.experiments.runs.submission import Command
from workbench.experiments.targets import Ended, Job, Runtime, Target, snapshot

Say = Callable[[str], None]
LOG = "log.txt"
_LIVE = 4 * 1024**2


@dataclass(frozen=True, kw_only=True)
class Request:
    """What to run: a run configuration by name, a script, its arguments, and another compute than the configured."""

    configuration: str
    script: str
    arguments: tuple[str, ...] = ()
    target: str | None = None
    folder: Path | None = None  # the script's working directory in the project; by default this process's own


@dataclass(frozen=True)
class Outcome:
    """The run's id (None where it isn't recorded), the script's exit code, and the outputs by their path."""

    run_id: str | None
    ended: Ended
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class Place:
    """Where a run configuration runs."""

    project: Path
    name: str
    configuration: RunConfiguration
    compute: str
    target: Target


@dataclass(frozen=True)
class Prepared:
    """A command that can run now, and `facts`: what its record holds from the start."""

    place: Place
    command: Command
    settings: str
    runtime: Runtime
    snapshot: snapshot.Snapshot
    facts: dict[str, Any]


def prepare(configuration: str, target: str | None, say: Say) -> Runtime:
    """Have all that a run configuration needs on its target. Raises WorkbenchError."""
    place = locate(configuration, target)
    return place.target.prepare(place.configuration, say, build=True)


def submit(request: Request, say: Say, show: Print, root: Path | None = None) -> Outcome:
    """Run a script where its configuration says and record it, unless that says not to.

    `show` gets what the script prints, the run's id first. Raises WorkbenchError before the run; then the run ends as
    `completed`, `failed` or, when interrupted, `canceled`.
    """
    prepared = make_ready(request, say)
    if not prepared.place.configuration.tracked:
        say("this run is not recorded: TrackedRun is false; what it writes comes back to the project")
        return _untracked(prepared, say, show)
    run, ended = record(prepared, say, show, root)
    return Outcome(run.id, ended, tuple(entry["path"] for entry in run.document["outputs"]))


def make_ready(request: Request, say: Say) -> Prepared:
    """Read the request and have all that it needs on its target. Raises WorkbenchError."""
    place = locate(request.configuration, request.target)
    configuration = place.configuration
    command = submission.read(configuration, place.project, request.script, request.arguments, request.folder)
    settings = spark_defaults(configuration)
    runtime = place.target.prepare(configuration, say, build=configuration.prepare)
    taken = snapshot.take(place.project, command.files.values())
    return Prepared(place, command, settings, runtime, taken, facts(place, command, runtime, taken))


def record(
    prepared: Prepared,
    say: Say,
    show: Print,
    root: Path | None = None,
    keep: Callable[[run_record.Run, dict[str, Any]], dict[str, Any]] | None = None,
) -> tuple[run_record.Run, Ended]:
    """Run what was prepared and record it.

    `keep` gets a run whose script succeeded and its metrics, before the record is final; it returns facts to add.
    Raises what the target or `keep` raises, after the record says so.
    """
    place = prepared.place
    run = run_record.Run.start(place.name, prepared.facts, root)
    show(f"RunId: {run.id}\n".encode())
    made = job(run.id, place, prepared.command, prepared.settings, prepared.snapshot, run.folder / tracked.FILE)
    try:
        ended = _execute(place.target, prepared.runtime, made, say, show, run)
        kept = keep(run, tracked.read(run.folder).metrics) if keep and not ended.code else {}
    except BaseException as error:
        broken(run, error)
        raise
    over(run, ended, kept)
    return run, ended


def locate(configuration: str, target: str | None) -> Place:
    """Read what a configuration and its compute say. Raises WorkbenchError."""
    project = run_configuration.project()
    found = run_configuration.load(project, configuration)
    where = compute.load(project, target or found.target)
    name = run_configuration.project_name(project)
    return Place(project, name, found, where.name, targets.make(where, project))


def spark_defaults(configuration: RunConfiguration) -> str:
    """The text of spark-defaults.conf, "" without Spark."""
    if configuration.framework != "PySpark":
        return ""
    return spark.defaults_file(spark.settings(configuration.spark_dependencies))


def job(run_id: str, place: Place, command: Command, settings: str, taken: snapshot.Snapshot, tracking: Path) -> Job:
    """What a target gets."""
    return Job(
        id=run_id,
        project=place.name,
        snapshot=taken,
        command=command.words,
        tracking=tracking,
        folder=command.folder,
        data=command.elsewhere,
        environment=place.configuration.environment,
        spark=settings,
    )


def facts(place: Place, command: Command, runtime: Runtime, taken: snapshot.Snapshot) -> dict[str, Any]:
    """What a record holds from the start."""
    arguments = submission.masked_arguments(command.given)
    inputs = {
        "project": taken.digest(),
        "script": command.script,
        "arguments": arguments,
        "data": submission.digests(command.files),
        "environment": runtime.facts["digest"],
    }
    return {
        "script": command.script,
        "arguments": arguments,
        "parameters": command.parameters(),
        "configuration": place.configuration.name,
        "target": place.compute,
        "framework": place.configuration.framework,
        "environment": dict(runtime.facts),
        "environment_variables": submission.masked(place.configuration.environment),
        "inputs": inputs,
        "inputs_digest": inputs_digest(inputs),
        "data": ", ".join(command.files),
        "git": run_record.git_state(place.project),
    }


def inputs_digest(inputs: Mapping[str, Any]) -> str:
    """Of all that a run's result depends on; equal inputs are expected to give an equal result."""
    return digest(canonical_json(dict(inputs)))


def over(run: run_record.Run, ended: Ended, kept: Mapping[str, Any] = MappingProxyType({})) -> None:
    """Write the final record of a run whose script ended, with the facts in `kept`."""
    reason = {} if ended.code == 0 else {"error": ended.why or execution.last_line(run.folder / LOG)}
    status = run_record.FAILED if ended.code else run_record.COMPLETED
    took = {} if ended.seconds is None else {"duration_seconds": ended.seconds}
    _finish(run, status, {"exit_code": ended.code, "attempt": ended.attempt, **took, **reason, **kept})


def broken(run: run_record.Run, error: BaseException) -> None:
    """Write the final record of a run that something else ended: people, or a target's failure."""
    interrupted = isinstance(error, KeyboardInterrupt | SystemExit)
    reason = {} if interrupted else {"error": str(error).partition("\n")[0][:500] or type(error).__name__}
    _finish(run, run_record.CANCELED if interrupted else run_record.FAILED, reason)


def _finish(run: run_record.Run, status: str, results: dict[str, Any]) -> None:
    """Write the final record, with what the script told."""
    told = tracked.read(run.folder)
    parameters = {**run.document["parameters"], **told.parameters}
    run.finish(status, parameters=parameters, **told.record(), **results)


def _execute(target: Target, runtime: Runtime, job: Job, say: Say, show: Print, run: run_record.Run) -> Ended:
    """Run a job; its log and outputs lie in the run's folder afterwards, however it ended."""
    with execution.scratch() as written, (run.folder / LOG).open("ab") as log:
        try:
            return execution.execute(target, runtime, job, say, execution.both(show, log), written, _live(run))
        finally:
            outputs.tell(outputs.keep(written, run.folder / outputs.OUTPUTS), say)


def _live(run: run_record.Run) -> Callable[[], None]:
    """What keeps the metrics in the record of a run that goes on, while they can be read quickly."""
    file, seen = run.folder / tracked.FILE, 0

    def note() -> None:
        nonlocal seen
        size = file.stat().st_size if file.exists() else 0
        if seen < size < _LIVE:
            seen = size
            run.note(metrics=tracked.read(run.folder).metrics)

    return note


def _untracked(prepared: Prepared, say: Say, show: Print) -> Outcome:
    place = prepared.place
    with execution.scratch() as folder, execution.scratch() as written:
        made = job(folder.name, place, prepared.command, prepared.settings, prepared.snapshot, folder / tracked.FILE)
        try:
            ended = execution.execute(place.target, prepared.runtime, made, say, show, written, lambda: None)
        finally:
            found, told = outputs.give_back(written, place.project)
            outputs.tell(told, say)
    return Outcome(None, ended, tuple(found))
