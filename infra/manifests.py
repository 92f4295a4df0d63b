"""The manifest a service is pinned to, read and verified. Writes nothing."""

from __future__ import annotations

from infra.errors import InfraError
from infra.settings import ServiceSettings
from model import home
from model.errors import WorkbenchError
from model.manifest import Manifest


def read(service: ServiceSettings) -> Manifest:
    """Read and verify the pinned manifest. Raises InfraError."""
    folder = home.registry() / "manifests" / service.manifest.removeprefix("sha256:")
    try:
        return Manifest.read(folder)
    except WorkbenchError as error:
        raise InfraError(f"services.{service.name}.manifest {service.manifest[:19]}…: {error}") from error


def model_names(manifest: Manifest) -> list[str]:
    """The manifest's models as `service show` prints them: `churn [Ver. 3]`."""
    return [f"{model['name']} [Ver. {model['version']}]" for model in manifest.models]
