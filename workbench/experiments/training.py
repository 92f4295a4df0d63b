"""A project's training: what training.yaml names, run as a recorded run and registered as the model's next version."""

import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from workbench.core import confined, home
from workbench.core.errors import DataError, RunError, WorkbenchError
from workbench.experiments.configurations import settings_file
from workbench.experiments.configurations.settings_file import TEXT, TEXTS
from workbench.experiments.runs import experiment, run_record
from workbench.experiments.runs.run_record import Run
from workbench.registry.models.registry import ModelRegistry, ModelVersion, check_name

Say = Callable[[str], None]
Print = Callable[[bytes], None]
FILE = home.TRAINING
OUTPUTS = "outputs"
_TAKES = {
    "script": TEXT,
    "arguments": TEXTS,
    "data": TEXT,
    "outputs": TEXT,
    "model": TEXT,
    "service": TEXT,
    "score": TEXT,
    "schema": TEXT,
    "requirements": TEXT,
}


@dataclass(frozen=True, kw_only=True)
class Training:
    """What training.yaml says. Paths are relative to the project.

    `script` gets `arguments`, then `--data` with `data` where there is one. The files of the run below `outputs` become
    the next version of `model`. `score`, `schema` and `requirements` go into the manifest of `service` with it.
    """

    script: str
    arguments: tuple[str, ...] = ()
    data: str | None = None
    outputs: str = OUTPUTS
    model: str
    service: str
    score: Path | None = None
    schema: Path | None = None
    requirements: Path | None = None


@dataclass(frozen=True, kw_only=True)
class Request:
    """One training: where it runs, and the script's arguments beside those of training.yaml.

    `data`, where given, takes the place of training.yaml's; it is relative to the working directory.
    """

    training: Training
    model: str
    configuration: str = "local"
    target: str | None = None
    data: Path | None = None
    arguments: tuple[str, ...] = ()
    force: bool = False


@dataclass(frozen=True)
class Outcome:
    """The version, the run that gave it, its metrics, and whether an earlier run's result was taken."""

    model: ModelVersion
    run_id: str
    metrics: dict[str, Any]
    unchanged: bool


def read(project: Path) -> Training:
    """The training of a project. Raises ConfigurationError with file, line and key."""
    missing = "it names the script that trains, such as `script: train.py`; see docs/own-models.md"
    settings = settings_file.read(project / FILE, _TAKES, missing)
    name = home.project_name(project)
    if not (script := settings.get("script")):
        raise settings.error("script", "is missing; name the script that trains, such as train.py")
    outputs = PurePosixPath(settings.get("outputs", OUTPUTS))
    if outputs.parts[:1] != (OUTPUTS,) or ".." in outputs.parts:
        raise settings.error("outputs", f"{str(outputs)!r} is not outputs, nor a folder in it")
    return Training(
        script=script,
        arguments=tuple(settings.get("arguments", ())),
        data=settings.get("data"),
        outputs=outputs.as_posix(),
        model=settings.get("model", name),
        service=settings.get("service", name),
        score=_path(settings, project, "score"),
        schema=_path(settings, project, "schema"),
        requirements=_path(settings, project, "requirements"),
    )


def train(request: Request, say: Say, show: Print, root: Path | None = None) -> Outcome:
    """Run the training and register what it gives, or take the version of an equal run unless `request.force`.

    Equal are the project's files, the arguments, the data and the environment. `show` gets what the script prints.
    Raises WorkbenchError before the run, or after it when it failed; no version is registered then.
    """
    check_name(request.model)
    project = home.project()
    registry = ModelRegistry(root)
    prepared = experiment.make_ready(_run(request, project), say)
    if not prepared.place.configuration.tracked:
        name = prepared.place.configuration.name
        raise RunError(f"{name}.runconfig: TrackedRun is false, and a training is known by its record; remove the line")
    prepared.facts["inputs"]["model"] = request.model
    prepared.facts["inputs_digest"] = experiment.inputs_digest(prepared.facts["inputs"])
    if not request.force and (earlier := _earlier(prepared.facts["inputs_digest"], registry, root)):
        say(f"unchanged: run {earlier.run_id} trained {earlier.model.label} from the same inputs")
        return earlier
    models: list[ModelVersion] = []

    def keep(run: Run, metrics: dict[str, Any]) -> dict[str, Any]:
        files = _files(run, request.training.outputs)
        model = registry.register(request.model, files, run_id=run.id, metrics=metrics)
        models.append(model)
        return {"model": {"name": model.name, "version": model.version, "digest": model.digest}}

    run, ended = experiment.record(prepared, say, show, root, keep)
    if ended.code:
        how = ended.why or f"exit code {ended.code}"
        raise RunError(f"run {run.id} failed: {how}; no model was registered; look: workbench history show {run.id}")
    (model,) = models
    first = "" if model.run_id == run.id else f", as run {model.run_id} registered it"
    say(f"{model.label} is {model.digest}{first}")
    return Outcome(model, run.id, run.document["metrics"], unchanged=False)


def _run(request: Request, project: Path) -> experiment.Request:
    training = request.training
    data = _data(request, project)
    return experiment.Request(
        configuration=request.configuration,
        script=training.script,
        arguments=(*training.arguments, *(("--data", data) if data else ()), *request.arguments),
        target=request.target,
        folder=project,
    )


def _data(request: Request, project: Path) -> str | None:
    """The data file, relative to the project where it lies in it. Raises DataError unless it can be read."""
    if not request.data and not request.training.data:
        return None
    path = Path.cwd() / request.data if request.data else project / str(request.training.data)
    try:
        path.open("rb").close()
    except OSError as error:
        shown = request.data or request.training.data
        raise DataError(f"{shown}: cannot be read ({error.strerror}); give --data the path of a file") from error
    inside = path.resolve().is_relative_to(project.resolve())
    return os.path.relpath(path.resolve(), project.resolve()) if inside else str(path)


def _files(run: Run, outputs: str) -> dict[str, bytes]:
    """The files of a run that become a model, by their path below `outputs`. Raises RunError when there are none."""
    folder = confined.below(run.folder, outputs)
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and not path.is_symlink())
    if not paths:
        raise RunError(f"run {run.id}: wrote no file below {outputs}, so that there is no model to register")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def _earlier(inputs_digest: str, registry: ModelRegistry, root: Path | None) -> Outcome | None:
    """The newest completed run of these inputs whose model version is still intact."""
    for run in reversed(run_record.list_all(root)):
        named = run.get("model")
        if run["status"] != run_record.COMPLETED or run.get("inputs_digest") != inputs_digest or not named:
            continue
        try:
            model = registry.get(named["name"], named["version"])
            model.verify()
        except WorkbenchError:
            continue
        if model.digest == named["digest"]:
            return Outcome(model, run["id"], run["metrics"], unchanged=True)
    return None


def _path(settings: settings_file.Settings, project: Path, key: str) -> Path | None:
    """A file of the project that a key names. Raises ConfigurationError when there is none."""
    if not (name := settings.get(key)):
        return None
    path = project.joinpath(*confined.check(name))
    if not path.is_file():
        raise settings.error(key, f"{name}: there is no such file in the project")
    return path
