"""What the registry knows of a manifest that serves or shall serve: models, metrics, schema, packages. Reads only."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from workbench.core import home
from workbench.core.errors import WorkbenchError
from workbench.experiments.runs import run_record
from workbench.policies import metrics
from workbench.policies.metrics import Measured
from workbench.registry.manifests.manifest import REQUIREMENTS, Manifest
from workbench.registry.models.registry import ModelRegistry, ModelVersion


@dataclass(frozen=True)
class ReleaseFacts:
    """`problem` says why a manifest is not known here; `run` is the first model's record, None where it is away."""

    manifest: str
    models: tuple[str, ...] = ()
    versions: tuple[ModelVersion, ...] = ()
    bytes: int = 0
    schema: Mapping[str, Any] | None = None
    requirements: str = ""
    metrics: Mapping[str, Measured] = field(default_factory=dict)
    run: dict[str, Any] | None = None
    problem: str = ""


def read(manifest_id: str) -> ReleaseFacts:
    """All that is known of a manifest."""
    try:
        manifest = Manifest.read(home.registry() / "manifests" / manifest_id.removeprefix("sha256:"))
    except WorkbenchError as error:
        return ReleaseFacts(manifest_id, problem=str(error))
    versions: list[ModelVersion] = []
    for model in manifest.models:
        with suppress(WorkbenchError):
            versions.append(ModelRegistry().get(model["name"], model["version"]))
    found: dict[str, Measured] = {}
    for version in versions:
        found = {**metrics.read(version.metrics), **found}
    return ReleaseFacts(
        manifest_id,
        models=tuple(f"{model['name']} {model['version']}" for model in manifest.models),
        versions=tuple(versions),
        bytes=sum(entry["size"] for model in manifest.models for entry in model["files"]),
        schema=manifest.schema(),
        requirements=(manifest.files / REQUIREMENTS).read_text(encoding="utf-8"),
        metrics=found,
        run=_run(versions),
    )


def _run(versions: list[ModelVersion]) -> dict[str, Any] | None:
    for version in versions:
        with suppress(WorkbenchError):
            if version.run_id:
                return run_record.find(version.run_id)
    return None
