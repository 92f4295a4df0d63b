"""What policies must know of each pinned service: its metrics and schema beside those of what serves, its evidence."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress

from infra.errors import InfraError
from infra.service_settings import ServiceSettings
from infra.settings import Settings
from model import home
from model.errors import WorkbenchError
from model.manifests.manifest import Manifest
from model.models.registry import ModelRegistry
from policies import metrics, promotion_file, schema_change
from policies.errors import PolicyError
from policies.evidence import Evidence
from policies.metrics import Measured
from policies.release_rules import Release


def release(settings: Settings, service: ServiceSettings, manifest: Manifest, serving: Mapping[str, str]) -> Release:
    """`serving` is the manifest's id by service. What the registry no longer holds is not judged."""
    old = _manifest(serving.get(service.name))
    evidence, unsigned = _evidence(settings, service)
    return Release(
        service=service.name,
        manifest=manifest.id,
        image=service.image,
        policies=settings.policies,
        evidence=evidence,
        unsigned=unsigned,
        schema=schema_change.compare(old.schema(), manifest.schema()) if old and old.id != manifest.id else None,
        metrics=_metrics(manifest),
        serving=_metrics(old) if old and old.id != manifest.id else {},
    )


def _evidence(settings: Settings, service: ServiceSettings) -> tuple[Evidence | None, str | None]:
    policies = settings.policies
    if policies.promoted_from is None and policies.promotion_key is None:
        return None, None
    try:
        return promotion_file.read(home.project(), settings.stack, service.name, policies)
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
