"""The stack's configuration, typed: the only reader of pulumi.Config.

Owns names, types, ranges and defaults of services' keys; the stack's own keys have their defaults in Pulumi.yaml.
"""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Any

import pulumi

from infra.errors import InfraError

ENGINES = ("docker",)
SERVICE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,30}[a-z0-9]")
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
ENDPOINT = re.compile(r"https?://[^\s/@]+(/[^\s@]*)?")
IMAGE = re.compile(r"[a-z0-9.:-]+(/[a-z0-9._-]+)+@sha256:[0-9a-f]{64}")


@dataclass(frozen=True, kw_only=True)
class ServiceSettings:
    """One entry of `services`.

    `manifest` is what the image is made of; `image`, where given, is a reference by digest that is copied in place
    of a build. `cpu` is in cores, `memory` in MiB; times are in seconds. What is None has the server's own default.
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


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One environment: where its engine listens and which services it runs."""

    project: str
    stack: str
    engine: str
    gateway_address: str
    gateway_port: int
    registry_port: int
    services: tuple[ServiceSettings, ...]


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
        _Key("image", "image", str, pattern=IMAGE, form="REGISTRY/NAME@sha256:DIGEST, never a tag"),
        _Key("replicas", "replicas", int, 1, 8),
        _Key("cpu", "cpu", float, 0.05, 256),
        _Key("memory", "memory", int, 64, 1 << 20),
        _Key("drainSeconds", "drain_seconds", int, 0, 300),
        _Key("healthySeconds", "healthy_seconds", int, 3, 900),
        _Key("workers", "workers", int, 0, 64),
        _Key("threads", "threads", int, 1, 256),
        _Key("concurrency", "concurrency", int, 1, 10_000),
        _Key("maxRows", "max_rows", int, 1, 10_000_000),
        _Key("maxBodyBytes", "max_body_bytes", int, 1, 1 << 30),
        _Key("otlpEndpoint", "otlp_endpoint", str, pattern=ENDPOINT, form="a URL such as http://collector:4318"),
    )
}


def load() -> Settings:
    """Read the stack's configuration. Raises InfraError, one line, at the first key that can't be used."""
    config = pulumi.Config()
    project, stack = pulumi.get_project(), pulumi.get_stack()
    where = f"Pulumi.{stack}.yaml: {project}"
    engine = config.get("engine") or ENGINES[0]
    if engine not in ENGINES:
        raise InfraError(f"{where}:engine is {engine!r}; it can be {' or '.join(ENGINES)}")
    settings = Settings(
        project=project,
        stack=stack,
        engine=engine,
        gateway_address=_address(where, config.get("gatewayAddress") or "127.0.0.1"),
        gateway_port=_port(where, "gatewayPort", config.get_int("gatewayPort")),
        registry_port=_port(where, "registryPort", config.get_int("registryPort")),
        services=tuple(parse_services(where, config.get_object("services") or {})),
    )
    if settings.gateway_port == settings.registry_port:
        raise InfraError(
            f"{where}:gatewayPort and registryPort are both {settings.gateway_port}; choose another for one"
        )
    return settings


def parse_services(where: str, services: object) -> list[ServiceSettings]:
    """Check the `services` mapping; `where` opens each error. Raises InfraError."""
    if not isinstance(services, dict):
        raise InfraError(f"{where}:services is {_kind(services)}; it maps a service's name to its keys")
    return [_service(f"{where}:services", name, keys) for name, keys in sorted(services.items())]


def _service(where: str, name: str, keys: object) -> ServiceSettings:
    if not SERVICE_NAME.fullmatch(name):
        raise InfraError(
            f"{where}: {name!r} can't name a service: 3 to 32 of a-z, 0-9, '.', '-', alphanumeric at both ends"
        )
    if not isinstance(keys, dict):
        raise InfraError(f"{where}.{name} is {_kind(keys)}; it holds keys such as manifest")
    if unknown := sorted(keys.keys() - SERVICE_KEYS.keys()):
        raise InfraError(f"{where}.{name}.{unknown[0]} is not known; a service has {', '.join(SERVICE_KEYS)}")
    if "manifest" not in keys:
        raise InfraError(
            f"{where}.{name}.manifest is missing; `workbench train --stack` or `workbench promote` writes it"
        )
    values = {SERVICE_KEYS[key].field: _value(f"{where}.{name}.{key}", SERVICE_KEYS[key], keys[key]) for key in keys}
    return ServiceSettings(name=name, **values)


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


def _port(where: str, name: str, value: int | None) -> int:
    if value is None or not 0 < value < 1 << 16:
        raise InfraError(f"{where}:{name} is {value}; a port is from 1 to 65535")
    return value


def _address(where: str, value: str) -> str:
    try:
        return str(ipaddress.ip_address(value))
    except ValueError as error:
        raise InfraError(
            f"{where}:gatewayAddress is {value!r}; it must be an IP address of the engine's host"
        ) from error


def _kind(value: object) -> str:
    return {list: "a list", str: "a text", bool: "a truth value", type(None): "empty"}.get(type(value), "a number")
