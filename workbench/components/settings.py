"""The stack's configuration, typed: the only reader of pulumi.Config. Its keys have their defaults in Pulumi.yaml."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import pulumi

from workbench.components import cluster_settings, known_keys
from workbench.components.cluster_settings import ClusterSettings, parse_cluster
from workbench.components.errors import InfraError
from workbench.components.registry_settings import RegistrySettings, parse_registry
from workbench.components.service_settings import ImageSettings, parse_images, parse_services
from workbench.core.service_settings import ServiceSettings
from workbench.policies import settings as policy_settings
from workbench.policies.errors import PolicyError
from workbench.policies.settings import PolicySettings

ENGINES = ("docker", "kubernetes")
# The gateway of one docker host has so many slots, half of them for newcomers.
DOCKER_REPLICAS = 8


@dataclass(frozen=True, kw_only=True)
class Settings:
    """One environment: where its engine listens, which services it runs, and images that none of them builds."""

    project: str
    stack: str
    engine: str
    gateway_address: str
    gateway_port: int
    registry_port: int
    cluster: ClusterSettings
    registry: RegistrySettings | None
    services: tuple[ServiceSettings, ...]
    images: tuple[ImageSettings, ...] = ()
    protect: bool = False
    policies: PolicySettings = field(default_factory=PolicySettings)


def load() -> Settings:
    """Read the stack's configuration. Raises InfraError, one line, at the first key that can't be used."""
    config = pulumi.Config()
    project, stack = pulumi.get_project(), pulumi.get_stack()
    where = f"{known_keys.check(project, stack)}: {project}"
    engine = config.get("engine") or ENGINES[0]
    if engine not in ENGINES:
        raise InfraError(f"{where}:engine is {engine!r}; it can be {' or '.join(ENGINES)}")
    services = parse_services(where, config.get_object("services") or {})
    registry = parse_registry(
        where, config.get("registryAddress"), config.get("registryUser"), config.get_secret("registryPassword")
    )
    settings = Settings(
        project=project,
        stack=stack,
        engine=engine,
        gateway_address=_address(where, config.get("gatewayAddress") or "127.0.0.1"),
        gateway_port=_port(where, "gatewayPort", config.get_int("gatewayPort")),
        registry_port=_port(where, "registryPort", config.get_int("registryPort")),
        services=tuple(services),
        images=tuple(parse_images(where, config.get_object("images") or {}, services)),
        protect=config.get_bool("protect") or False,
        policies=_policies(where, config, registry),
        cluster=parse_cluster(
            where,
            {key: config.get(key) or "" for key in cluster_settings.KEYS},
            config.get_object("ingressAnnotations"),
        ),
        registry=registry,
    )
    _check_engine(where, settings)
    if settings.gateway_port == settings.registry_port:
        raise InfraError(
            f"{where}:gatewayPort and registryPort are both {settings.gateway_port}; choose another for one"
        )
    return settings


def _policies(where: str, config: pulumi.Config, registry: RegistrySettings | None) -> PolicySettings:
    """What the file says; the registry that the stack itself pushes to is a known one."""
    keys = (*policy_settings.KEYS, *policy_settings.GATEWAY)
    readers = {key: config.get_object if key in policy_settings.OBJECTS else config.get for key in keys}
    try:
        told = {key: read(key) for key, read in readers.items()}
        found = policy_settings.parse(f"{where}:", told, datetime.now(UTC).date())
    except PolicyError as error:
        raise InfraError(str(error)) from error
    own = (registry.address.partition("/")[0],) if registry else ()
    return replace(found, registries=(*found.registries, *own))


def _check_engine(where: str, settings: Settings) -> None:
    """Refuse what one docker host can't do."""
    for service in settings.services if settings.engine == "docker" else ():
        place = f"{where}:services.{service.name}"
        if service.replicas > DOCKER_REPLICAS:
            raise InfraError(
                f"{place}.replicas is {service.replicas}; on docker it must be from 1 to {DOCKER_REPLICAS}"
            )
        if service.autoscale_max_replicas is not None:
            raise InfraError(f"{place}.autoscaleMaxReplicas needs engine kubernetes; on docker set replicas")


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
