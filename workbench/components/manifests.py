"""The manifest a service is pinned to, read and verified. Writes nothing."""

from __future__ import annotations

from workbench.components.errors import InfraError
from workbench.components.service_settings import ImageSettings
from workbench.core import home
from workbench.core.errors import WorkbenchError
from workbench.core.service_settings import ServiceSettings
from workbench.registry.manifests.manifest import Manifest


def read(service: ServiceSettings | ImageSettings) -> Manifest:
    """Read and verify the pinned manifest. Raises InfraError."""
    folder = home.registry() / "manifests" / service.manifest.removeprefix("sha256:")
    try:
        return Manifest.read(folder)
    except WorkbenchError as error:
        where = "services" if isinstance(service, ServiceSettings) else "images"
        raise InfraError(f"{where}.{service.name}.manifest {service.manifest[:19]}…: {error}") from error


def model_names(manifest: Manifest) -> list[str]:
    """The manifest's models as `service show` prints them: `churn [Ver. 3]`."""
    return [f"{model['name']} [Ver. {model['version']}]" for model in manifest.models]
