"""Where a service comes from: image, manifest, model versions, run, data, parameters, commit, environment.

A link that is not there says why, under `missing`. Reads records alone; changes nothing.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from workbench.core import home
from workbench.core.canonical import PREFIX
from workbench.core.errors import ManifestError, RegistryError, RunError
from workbench.experiments.runs import run_record
from workbench.registry.manifests.manifest import Manifest
from workbench.registry.models.registry import ModelRegistry
from workbench.stacks.services.service import Service

Link = dict[str, Any]
MISSING = "missing"


def of_service(found: Service, root: Path | None = None) -> Link:
    """All links of a service, from its URL to the data that its models learned from."""
    manifest_id = str(found.state.get("manifest", ""))
    manifest, models = _manifest(manifest_id, root)
    return {
        "service": {"name": found.name, "stack": found.stack, "url": found.state.get("scoringUrl", "")},
        "release": {
            "image": found.state.get("image", ""),
            "containers": [str(each.get("host", "")) for each in found.state.get("servers") or []],
        },
        "manifest": manifest,
        "models": [_model(model, root) for model in models],
    }


def of_run(run_id: str, root: Path | None = None) -> Link:
    """What went into a run."""
    if not run_id:
        return {MISSING: "no run is known: the model was registered by hand"}
    try:
        record = run_record.get(run_id, root)
    except RunError:
        return {"id": run_id, MISSING: f"run {run_id} was deleted, or lies in another registry"}
    inputs: Mapping[str, Any] = record.get("inputs") or {}
    return {
        "id": run_id,
        "status": record["status"],
        "started_at": record["started_at"],
        **({"script": record["script"]} if "script" in record else {}),
        "data": _data(record, inputs),
        "parameters": _parameters(record, inputs),
        "git": _git(record),
        "environment": _environment(record, inputs),
    }


def _manifest(manifest_id: str, root: Path | None) -> tuple[Link, list[dict[str, Any]]]:
    folder = (root or home.registry()) / "manifests" / manifest_id.removeprefix(PREFIX)
    try:
        found = Manifest.read(folder)
    except ManifestError as error:
        why = str(error) if folder.is_dir() else f"it is not in {folder.parent}; it was removed, or made elsewhere"
        return {"id": manifest_id, MISSING: why}, []
    document = found.document
    return {
        "id": found.id,
        "name": found.name,
        **{part: f"{PREFIX}{document[part]['sha256']}" for part in ("score", "schema") if document[part]},
        "requirements": f"{PREFIX}{found.requirements_sha256}",
    }, found.models


def _model(held: Mapping[str, Any], root: Path | None) -> Link:
    link: Link = {"name": held["name"], "version": held["version"], "digest": held["digest"]}
    try:
        version = ModelRegistry(root).get(held["name"], held["version"])
    except RegistryError as error:
        return {**link, MISSING: str(error).partition(";")[0]}
    if version.digest != held["digest"]:
        return {**link, MISSING: f"the registry holds other files as {version.label}: {version.digest}"}
    return {**link, "registered_at": version.created_at, "run": of_run(version.run_id, root)}


def _data(record: Mapping[str, Any], inputs: Mapping[str, Any]) -> list[Link]:
    """Each file that the run read, by its path and digest: a training has one, a script those of its arguments."""
    told = inputs.get("data")
    digests = told if isinstance(told, Mapping) else {str(record.get("data", "")): told} if told else {}
    return [{"path": path, "digest": digest} for path, digest in digests.items()]


def _parameters(record: Mapping[str, Any], inputs: Mapping[str, Any]) -> Link:
    """What was chosen: of a training its seed too, of a script its arguments' and what it told by tracking."""
    seed = {"seed": inputs["seed"]} if "seed" in inputs else {}
    return {**seed, **(inputs.get("parameters") or {}), **(record.get("parameters") or {})}


def _git(record: Mapping[str, Any]) -> Link:
    state = record.get("git")
    if not state:
        return {MISSING: "no commit is known: the project was outside of git, or had no commit yet"}
    return {"commit": state["commit"], "dirty": bool(state.get("dirty"))}


def _environment(record: Mapping[str, Any], inputs: Mapping[str, Any]) -> Link:
    """What the run ran with: of a script its target's facts, of a training Python and packages."""
    if record.get("environment"):
        where = {key: record[key] for key in ("configuration", "target", "framework") if key in record}
        return {**where, **record["environment"]}
    return {key: inputs[key] for key in ("python", "packages") if key in inputs}
