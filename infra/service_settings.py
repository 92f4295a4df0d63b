"""The entries of `services` and `images` in a stack's file, typed: names, types, ranges, defaults. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from infra.errors import InfraError
from model import grammars, stack_keys

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
ENDPOINT = re.compile(r"https?://[^\s/@]+(/[^\s@]*)?")


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """One entry of `services`.

    `manifest` is what the image is made of; `image`, where given, is a reference by digest that is copied in place
    of a build. `cpu` is in cores, `memory` in MiB; times are in seconds. What is None has the server's own default.
    `primary_key` and `secondary_key` count the keys: another number is a new key, and git shows the rotation.
    With `autoscale_max_replicas` the number of replicas follows the load, from `replicas` up to it.
    """

    name: str
    manifest: str
    image: str | None = None
    replicas: int = 1
    cpu: float = 1.0
    memory: int = 512
    drain_seconds: int = 10
    healthy_seconds: int = 60
    workers: int | None = None
    threads: int | None = None
    concurrency: int | None = None
    max_rows: int | None = None
    max_body_bytes: int | None = None
    otlp_endpoint: str | None = None
    primary_key: int = 1
    secondary_key: int = 1
    autoscale_max_replicas: int | None = None
    autoscale_target_utilization: int = 70


@dataclass(frozen=True, kw_only=True)
class ImageSettings:
    """One entry of `images`: a manifest that is built and pushed under a name, whether or not a service runs it."""

    name: str
    manifest: str
    image: None = None


@dataclass(frozen=True)
class _Key:
    name: str
    field: str
    kind: type
    low: float = 0
    high: float = 0
    pattern: re.Pattern[str] | None = None
    form: str = ""


SERVICE_KEYS = {
    key.name: key
    for key in (
        _Key("manifest", "manifest", str, pattern=DIGEST, form="sha256: and 64 hex digits"),
        _Key(
            "image",
            "image",
            str,
            pattern=re.compile(grammars.IMAGE_BY_DIGEST.form, re.ASCII),
            form="REGISTRY/NAME@sha256:DIGEST, never a tag",
        ),
        _Key("replicas", "replicas", int, 1, 1000),
        _Key("cpu", "cpu", float, 0.05, 256),
        _Key("memory", "memory", int, 64, 1 << 20),
        _Key("drainSeconds", "drain_seconds", int, 0, 300),
        _Key("healthySeconds", "healthy_seconds", int, 3, 900),
        _Key("workers", "workers", int, 0, 64),
        _Key("threads", "threads", int, 1, 256),
        _Key("concurrency", "concurrency", int, 1, 10_000),
        _Key("maxRows", "max_rows", int, 1, 10_000_000),
        _Key("maxBodyBytes", "max_body_bytes", int, 1, 1 << 30),
        _Key("primaryKey", "primary_key", int, 1, 1_000_000),
        _Key("secondaryKey", "secondary_key", int, 1, 1_000_000),
        _Key("autoscaleMaxReplicas", "autoscale_max_replicas", int, 1, 1000),
        _Key("autoscaleTargetUtilization", "autoscale_target_utilization", int, 1, 100),
        _Key("otlpEndpoint", "otlp_endpoint", str, pattern=ENDPOINT, form="a URL such as http://collector:4318"),
    )
}


def parse_services(where: str, services: object) -> list[ServiceSettings]:
    """Check the `services` mapping; `where` opens each error. Raises InfraError."""
    if not isinstance(services, dict):
        raise InfraError(f"{where}:services is {_kind(services)}; it maps a service's name to its keys")
    return [_service(f"{where}:services", name, keys) for name, keys in sorted(services.items())]


def parse_images(where: str, images: object, services: list[ServiceSettings]) -> list[ImageSettings]:
    """Check the `images` mapping; gives those that no service builds anyway. Raises InfraError."""
    if not isinstance(images, dict):
        raise InfraError(f"{where}:images is {_kind(images)}; it maps an image's name to a list of manifests")
    built = {(each.name, each.manifest) for each in services if not each.image}
    found = {}
    for name, manifests in sorted(images.items()):
        _check_name(f"{where}:images", "an image", name)
        if not isinstance(manifests, list):
            raise InfraError(f"{where}:images.{name} is {_kind(manifests)}; it is a list of manifests")
        for manifest in manifests:
            _value(f"{where}:images.{name}", SERVICE_KEYS["manifest"], manifest)
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
    values = {SERVICE_KEYS[key].field: _value(f"{where}.{name}.{key}", SERVICE_KEYS[key], keys[key]) for key in keys}
    service = ServiceSettings(name=name, **values)
    if (most := service.autoscale_max_replicas) is not None and most < service.replicas:
        raise InfraError(
            f"{where}.{name}.autoscaleMaxReplicas is {most}; it must be at least replicas, {service.replicas}"
        )
    return service


def _value(where: str, key: _Key, value: object) -> Any:  # noqa: ANN401 - the field's own type, by its key
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
