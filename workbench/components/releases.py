"""What policies must know of each pinned service: its metrics and schema beside those of what serves, its evidence."""

from __future__ import annotations

from contextlib import suppress

from workbench.components.errors import InfraError
from workbench.components.served import Served
from workbench.components.settings import Settings
from workbench.core import home
from workbench.core.errors import WorkbenchError
from workbench.core.service_settings import ServiceSettings
from workbench.policies import metrics, promotion_file, schema_change
from workbench.policies.errors import PolicyError
from workbench.policies.evidence import Evidence
from workbench.policies.metrics import Measured
from workbench.policies.release_rules import Release
from workbench.registry.manifests.manifest import Manifest
from workbench.registry.models.registry import ModelRegistry


def release(settings: Settings, service: ServiceSettings, manifest: Manifest, serving: Served) -> Release:
    """`serving` is what the stack serves now. What the registry no longer holds is not judged."""
    old = _manifest(serving.manifests.get(service.name))
    evidence, unsigned = _evidence(settings, service)
    return Release(
        project=settings.project,
        stack=settings.stack,
        service=service.name,
        manifest=manifest.id,
        image=service.image,
        policies=settings.policies,
        evidence=evidence,
        unsigned=unsigned,
        promoted_at=serving.promotions.get(service.name),
        schema=schema_change.compare(old.schema(), manifest.schema()) if old and old.id != manifest.id else None,
        metrics=_metrics(manifest),
        serving=_serving(old, manifest, serves=service.name in serving.manifests),
    )


def _serving(old: Manifest | None, new: Manifest, *, serves: bool) -> dict[str, Measured] | None:
    """Metrics of what serves and would go: none before a first release, None of what this registry doesn't know."""
    if old is None:
        return None if serves else {}
    return {} if old.id == new.id else _metrics(old)


def _evidence(settings: Settings, service: ServiceSettings) -> tuple[Evidence | None, str | None]:
    try:
        return promotion_file.demanded(home.project(), settings.stack, service.name, settings.policies)
    except PolicyError as error:
        raise InfraError(str(error)) from error


def _manifest(manifest_id: str | None) -> Manifest | None:
    if manifest_id is None:
        return None
    try:
        return Manifest.read(home.registry() / "manifests" / manifest_id.removeprefix("sha256:"))
    except WorkbenchError:
        return None


def _metrics(manifest: Manifest) -> dict[str, Measured]:
    """Of all models of a manifest; the first that has a metric tells it."""
    found: dict[str, Measured] = {}
    for model in manifest.models:
        with suppress(WorkbenchError):
            found = {**metrics.read(ModelRegistry().get(model["name"], model["version"]).metrics), **found}
    return found
