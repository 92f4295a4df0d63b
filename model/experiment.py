"""Preparing a run configuration and submitting a script to it: from files of aml_config/ to a run's record.

Owns the order of steps and what is recorded. How a run executes is its target's business, where records lie theirs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from model import compute, execution, run_configuration, run_record, snapshot, spark, submission, targets, tracked
from model.canonical import canonical_json, digest
from model.execution import Print
from model.run_configuration import RunConfiguration
from model.submission import Command
from model.targets import Ended, Job, Runtime, Target

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


@dataclass(frozen=True)
class Outcome:
    """The run's id (None where it isn't recorded), the script's exit code, and the outputs by their path."""

    run_id: str | None
    ended: Ended
    outputs: tuple[str, ...]


@dataclass(frozen=True)
class _Place:
    project: Path
    name: str
    configuration: RunConfiguration
    compute: str
    target: Target


def prepare(configuration: str, target: str | None, say: Say) -> Runtime:
    """Have all that a run configuration needs on its target. Raises WorkbenchError."""
    place = _place(configuration, target)
    return place.target.prepare(place.configuration, say, build=True)


def submit(request: Request, say: Say, show: Print, root: Path | None = None) -> Outcome:
    """Run a script where its configuration says and record it, unless that says not to.

    `show` gets what the script prints, the run's id first. Raises WorkbenchError before the run; then the run ends as
    `completed`, `failed` or, when interrupted, `canceled`.
    """
    place = _place(request.configuration, request.target)
    configuration = place.configuration
    command = submission.read(configuration, place.project, request.script, request.arguments)
    settings = _spark(configuration)
    runtime = place.target.prepare(configuration, say, build=configuration.prepare)
    taken = snapshot.take(place.project, command.files.values())
    if not configuration.tracked:
        say("this run is not recorded: TrackedRun is false; what it writes comes back to the project")
        return _untracked(place, command, settings, runtime, taken, say, show)
    run = run_record.Run.start(place.name, _facts(place, command, runtime, taken), root)
    show(f"RunId: {run.id}\n".encode())
    job = _job(run.id, place, command, settings, taken, run.folder / tracked.FILE)
    try:
        ended = _execute(place.target, runtime, job, say, show, run)
    except BaseException as error:
        interrupted = isinstance(error, KeyboardInterrupt | SystemExit)
        reason = {} if interrupted else {"error": str(error).partition("\n")[0][:500] or type(error).__name__}
        _finish(run, run_record.CANCELED if interrupted else run_record.FAILED, reason)
        raise
    reason = {} if ended.code == 0 else {"error": ended.why or execution.last_line(run.folder / LOG)}
    status = run_record.FAILED if ended.code else run_record.COMPLETED
    _finish(run, status, {"exit_code": ended.code, **reason})
    return Outcome(run.id, ended, tuple(each["path"] for each in run.document["outputs"]))


def _place(configuration: str, target: str | None) -> _Place:
    project = run_configuration.project()
    found = run_configuration.load(project, configuration)
    where = compute.load(project, target or found.target)
    name = run_configuration.project_name(project)
    return _Place(project, name, found, where.name, targets.make(where, project))


def _spark(configuration: RunConfiguration) -> str:
    if configuration.framework != "PySpark":
        return ""
    return spark.defaults_file(spark.settings(configuration.spark_dependencies))


def _job(run_id: str, place: _Place, command: Command, settings: str, taken: snapshot.Snapshot, tracking: Path) -> Job:
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


def _facts(place: _Place, command: Command, runtime: Runtime, taken: snapshot.Snapshot) -> dict[str, Any]:
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
        "inputs_digest": digest(canonical_json(inputs)),
        "data": ", ".join(command.files),
        "git": run_record.git_state(place.project),
    }


def _finish(run: run_record.Run, status: str, results: dict[str, Any]) -> None:
    told = tracked.read(run.folder)
    parameters = {**run.document["parameters"], **told.parameters}
    run.finish(status, parameters=parameters, **told.record(), **results)


def _execute(target: Target, runtime: Runtime, job: Job, say: Say, show: Print, run: run_record.Run) -> Ended:
    """Run a job; its log and outputs lie in the run's folder afterwards, however it ended."""
    with execution.scratch() as written, (run.folder / LOG).open("ab") as log:
        try:
            return execution.execute(target, runtime, job, say, execution.both(show, log), written, _live(run))
        finally:
            execution.keep_outputs(written, run.folder / "outputs")


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


def _untracked(
    place: _Place, command: Command, settings: str, runtime: Runtime, taken: snapshot.Snapshot, say: Say, show: Print
) -> Outcome:
    with execution.scratch() as folder, execution.scratch() as written:
        job = _job(folder.name, place, command, settings, taken, folder / tracked.FILE)
        try:
            ended = execution.execute(place.target, runtime, job, say, show, written, lambda: None)
        finally:
            found = execution.give_back(written, place.project)
    return Outcome(None, ended, tuple(found))
