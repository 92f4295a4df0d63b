"""The entries of `services` and `images` in a stack's file, checked by the table of settings. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from workbench.components.errors import InfraError
from workbench.core import grammars, stack_keys
from workbench.core.service_settings import KEYS, TABLE, ServiceSettings, Setting


@dataclass(frozen=True, kw_only=True)
class ImageSettings:
    """One entry of `images`: a manifest that is built and pushed under a name, whether or not a service runs it."""

    name: str
    manifest: str
    image: None = None


def parse_services(where: str, services: object) -> list[ServiceSettings]:
    """Check the `services` mapping; `where` opens each error. Raises InfraError."""
    if not isinstance(services, dict):
        raise InfraError(f"{where}:services is {_kind(services)}; it maps a service's name to its keys")
    return [_service(f"{where}:services", name, keys) for name, keys in sorted(services.items())]


def parse_images(where: str, images: object, services: list[ServiceSettings]) -> list[ImageSettings]:
    """Check the `images` mapping; gives those that no service builds anyway. Raises InfraError."""
    if not isinstance(images, dict):
        raise InfraError(f"{where}:images is {_kind(images)}; it maps an image's name to a list of manifests")
    built = {(service.name, service.manifest) for service in services if not service.image}
    found = {}
    for name, manifests in sorted(images.items()):
        _check_name(f"{where}:images", "an image", name)
        if not isinstance(manifests, list):
            raise InfraError(f"{where}:images.{name} is {_kind(manifests)}; it is a list of manifests")
        for manifest in manifests:
            _value(f"{where}:images.{name}", TABLE["manifest"], manifest)
            found[name, manifest] = ImageSettings(name=name, manifest=manifest)
    return [image for key, image in found.items() if key not in built]


def _check_name(where: str, what: str, name: str) -> None:
    if not grammars.SERVICE.fits(name):
        raise InfraError(f"{where}: {name!r} can't name {what}: {grammars.SERVICE.words}")


def _service(where: str, name: str, keys: object) -> ServiceSettings:
    _check_name(where, "a service", name)
    if not isinstance(keys, dict):
        raise InfraError(f"{where}.{name} is {_kind(keys)}; it holds keys such as manifest")
    if problem := stack_keys.unknown_of_service(keys):
        raise InfraError(f"{where}.{name}.{problem}")
    if "manifest" not in keys:
        raise InfraError(
            f"{where}.{name}.manifest is missing; `workbench manifest create --stack` or `workbench promote` writes it"
        )
    values = {KEYS[key]: _value(f"{where}.{name}.{key}", TABLE[KEYS[key]], keys[key]) for key in keys}
    service = ServiceSettings(name=name, **values)
    if (most := service.autoscale_max_replicas) is not None and most < service.replicas:
        raise InfraError(
            f"{where}.{name}.autoscaleMaxReplicas is {most}; it must be at least replicas, {service.replicas}"
        )
    return service


def _value(where: str, key: Setting, value: object) -> Any:  # noqa: ANN401 - the field's own type, by its key
    if key.pattern:
        if not isinstance(value, str) or not key.pattern.fullmatch(value):
            raise InfraError(f"{where} is {value!r}; it must be {key.form}")
        return value
    allowed = (int, float) if key.kind is float else (int,)
    if isinstance(value, bool) or not isinstance(value, allowed):
        raise InfraError(f"{where} is {value!r}; it must be {'a number' if key.kind is float else 'a whole number'}")
    if not key.low <= value <= key.high:
        raise InfraError(f"{where} is {value}; it must be from {key.low:g} to {key.high:g}")
    return key.kind(value)


def _kind(value: object) -> str:
    return {list: "a list", str: "a text", bool: "a truth value", type(None): "empty"}.get(type(value), "a number")
