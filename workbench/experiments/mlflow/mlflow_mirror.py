"""Runs and model versions shown on an MLflow server, and models of such a server registered here. Never needed.

What is mirrored carries a tag, `workbench.run` or `workbench.model`, by which it is found again: mirroring twice alters
nothing, and mirroring once more after a broken attempt completes it.
"""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from workbench.core import confined
from workbench.core.canonical import plain_files
from workbench.core.errors import RunError, WorkbenchError
from workbench.experiments.mlflow.mlflow_server import MlflowError, MlflowServer
from workbench.experiments.mlflow.mlflow_words import metrics, milliseconds, tags, texts
from workbench.experiments.runs import run_facts, run_record
from workbench.registry.models import onnx_file
from workbench.registry.models.registry import ModelRegistry, ModelVersion, check_name

RUN_TAG, MODEL_TAG, DIGEST_TAG = "workbench.run", "workbench.model", "workbench.digest"
_MODEL_URI = re.compile(r"models:/(?P<name>[^/@]+)(?:@(?P<alias>[\w-]+)|/(?P<version>[1-9][0-9]*))")
_SOURCE = re.compile(r"(runs|models):/([^/]+)/?(.*)")
_AT_ONCE = {"params": 100, "tags": 100, "metrics": 1000}
_STATUS = {run_record.COMPLETED: "FINISHED", run_record.FAILED: "FAILED"}


def mirror_run(run_id: str, uri: str | None = None, root: Path | None = None) -> str:
    """Show a run that has ended on the server at `uri`, with parameters, metrics, tags and files. MLflow's id of it.

    Raises RunError for a run that is not there or goes on, and MlflowError.
    """
    record = run_record.get(run_id, root)
    if record["status"] == run_record.RUNNING:
        raise RunError(f"run {run_id}: goes on; mirror it when it has ended")
    server = MlflowServer(uri)
    folder = run_record.files(run_id, root)
    run = _run(server, str(record["project"]), RUN_TAG, run_id, milliseconds(record["started_at"]))
    mlflow_id = str(run["info"]["run_id"])
    if run["info"]["status"] == "RUNNING":
        ended = milliseconds(record.get("ended_at") or record["started_at"])
        _log(server, mlflow_id, params=texts(run_facts.parameters(record), "params"))
        _log(server, mlflow_id, tags=texts(tags(record), "tags"))
        _log(server, mlflow_id, metrics=list(metrics(record, folder, ended)))
        _upload(server, str(run["info"]["artifact_uri"]), folder)
        status = _STATUS.get(record["status"], "KILLED")
        server.post("runs/update", {"run_id": mlflow_id, "status": status, "end_time": ended})
    return mlflow_id


def mirror_model(version: ModelVersion, uri: str | None = None, root: Path | None = None) -> str:
    """Show a model version on the server at `uri`, with its run if that is there. Its MLflow URI, `models:/NAME/N`."""
    server = MlflowServer(uri)
    files = version.fetch()
    if known := _mirrored(server, version):
        return f"models:/{version.name}/{known}"
    named = {**version.tags, MODEL_TAG: version.label, DIGEST_TAG: version.digest}
    run = _run_of(server, version, root)
    mlflow_id, place = str(run["info"]["run_id"]), str(run["info"]["artifact_uri"])
    folder = f"models/{version.name}-{version.version}"
    for entry in version.files:
        server.upload(place, f"{folder}/{entry['path']}", confined.below(files, entry["path"]))
    server.ensure("registered-models/create", {"name": version.name})
    wanted = {
        "name": version.name,
        "source": f"runs:/{mlflow_id}/{folder}",
        "run_id": mlflow_id,
        "tags": texts(named, "tags"),
        "description": version.description,
    }
    answer = server.post("model-versions/create", wanted)
    return f"models:/{version.name}/{answer['model_version']['version']}"


def register_from(
    model_uri: str, tracking_uri: str | None = None, *, name: str | None = None, root: Path | None = None
) -> ModelVersion:
    """Register the files of `models:/NAME@ALIAS` or `models:/NAME/VERSION`; the version that has them already, if any.

    `name` is the model's name here, by default that on the server. Raises MlflowError and RegistryError.
    """
    found = _MODEL_URI.fullmatch(model_uri)
    if not found:
        raise MlflowError(f"{model_uri!r}: write models:/NAME@ALIAS or models:/NAME/VERSION with a whole number")
    chosen = name or found["name"]
    try:
        check_name(chosen)
    except WorkbenchError as error:
        raise MlflowError(f"{error}; give the model a name for here with -n") from error
    server = MlflowServer(tracking_uri)
    theirs = _version(server, found)
    there = {"name": theirs["name"], "version": theirs["version"]}
    place = _place(server, str(server.get("model-versions/get-download-uri", **there)["artifact_uri"]))
    files = {path: server.download(place, path) for path in server.artifacts(place)}
    if not files:
        raise MlflowError(f"{model_uri}: has no files at {place}; log the model there again")
    onnx_file.check(files)
    marks = {"mlflow.model": f"models:/{there['name']}/{there['version']}", "mlflow.tracking_uri": server.uri}
    if theirs.get("run_id"):
        marks["mlflow.run_id"] = str(theirs["run_id"])
    return ModelRegistry(root).register(
        chosen, files, run_id="", metrics={}, description=str(theirs.get("description") or ""), tags=marks
    )


def _run(server: MlflowServer, project: str, tag: str, value: str, started: int) -> dict[str, Any]:
    """The run on the server that carries this tag, made in the project's experiment if there is none."""
    found = server.find("experiments/get-by-name", experiment_name=project)
    experiment = (found or {}).get("experiment") or server.post("experiments/create", {"name": project})
    where = {"experiment_ids": [experiment["experiment_id"]], "filter": f"tags.`{tag}` = '{value}'", "max_results": 1}
    if runs := server.post("runs/search", where).get("runs"):
        run: dict[str, Any] = runs[0]
        return run
    wanted = {
        "experiment_id": experiment["experiment_id"],
        "start_time": started,
        "run_name": value,
        "tags": [{"key": tag, "value": value}],
    }
    made: dict[str, Any] = server.post("runs/create", wanted)["run"]
    return made


def _run_of(server: MlflowServer, version: ModelVersion, root: Path | None) -> dict[str, Any]:
    """The mirrored run that gave the version; without one, a run that only holds its files."""
    try:
        mlflow_id = mirror_run(version.run_id, server.uri, root) if version.run_id else ""
    except RunError:  # deleted, or of another registry
        mlflow_id = ""
    if mlflow_id:
        run: dict[str, Any] = server.get("runs/get", run_id=mlflow_id)["run"]
        return run
    made = _run(server, version.name, MODEL_TAG, version.label, milliseconds(version.created_at))
    ended = {"status": "FINISHED", "end_time": milliseconds(version.created_at)}
    server.post("runs/update", {"run_id": made["info"]["run_id"], **ended})
    return made


def _mirrored(server: MlflowServer, version: ModelVersion) -> str | None:
    """The number that the version has on the server, if it is there."""
    where = f"name='{version.name}' and tags.`{DIGEST_TAG}`='{version.digest}'"
    found = server.find("model-versions/search", filter=where) or {}
    return next((str(each["version"]) for each in found.get("model_versions", [])), None)


def _version(server: MlflowServer, wanted: re.Match[str]) -> dict[str, Any]:
    if wanted["alias"]:
        found = server.find("registered-models/alias", name=wanted["name"], alias=wanted["alias"])
    else:
        found = server.find("model-versions/get", name=wanted["name"], version=wanted["version"])
    if found is None:
        raise MlflowError(f"{wanted[0]}: MLflow at {server.uri} has no such model version")
    version: dict[str, Any] = found["model_version"]
    return version


def _place(server: MlflowServer, source: str) -> str:
    """The artifact URI that a source such as `runs:/ID/path` or `models:/m-ID` stands for."""
    found = _SOURCE.fullmatch(source)
    if not found:
        return source
    kind, owner, path = found.groups()
    if kind == "runs":
        place = server.get("runs/get", run_id=owner)["run"]["info"]["artifact_uri"]
    else:
        place = server.get(f"logged-models/{owner}")["model"]["info"]["artifact_uri"]
    return f"{place}/{path}".rstrip("/")


def _log(server: MlflowServer, mlflow_id: str, **values: Sequence[Mapping[str, Any]]) -> None:
    for kind, each in values.items():
        for start in range(0, len(each), _AT_ONCE[kind]):
            server.post("runs/log-batch", {"run_id": mlflow_id, kind: each[start : start + _AT_ONCE[kind]]})


def _upload(server: MlflowServer, place: str, folder: Path) -> None:
    for path in plain_files(folder):
        if path.name[0] != ".":
            server.upload(place, path.relative_to(folder).as_posix(), path)
