"""One docker host, the one that DOCKER_HOST names: a network, volumes, containers, a gateway that never pauses."""

from __future__ import annotations

from dataclasses import asdict
from itertools import chain
from typing import Any

import pulumi
import pulumi_docker as docker

from workbench.components.container_registry import ContainerRegistryArgs
from workbench.components.engines.docker import gateway, identity, local_registry, release, volumes
from workbench.components.engines.docker.gateway_route import GatewayRoute
from workbench.components.engines.docker.identity import Identity
from workbench.components.engines.docker.labels import network_labels
from workbench.components.engines.docker.provider import docker_provider, own_login
from workbench.components.environment import EnvironmentArgs
from workbench.components.naming import Names
from workbench.components.route import RouteArgs, serving
from workbench.components.scoring_service import Release, ScoringServiceArgs
from workbench.components.served import Served
from workbench.components.service_keys import ServiceKeys
from workbench.components.settings import Settings
from workbench.components.storage import StorageArgs

VOLUMES = ("images", "routes", "keys")


class DockerEngine:
    """Beneath the components, docker's own things."""

    def __init__(self, stack: Settings, served: Served, found: Identity | None) -> None:
        """`found` is the engine that DOCKER_HOST names, None where a preview could not ask it."""
        self.identity: dict[str, Any] = {"engine": asdict(found)} if found else {}
        self.login = own_login(stack, served)
        self.options = pulumi.ResourceOptions(providers=[docker_provider(stack, self.login)])

    @classmethod
    def of(cls, stack: Settings, served: Served) -> DockerEngine:
        """Find the engine, and be sure that the stack lives on it. Raises InfraError."""
        where, preview = f"Pulumi.{stack.stack}.yaml", pulumi.runtime.is_dry_run()
        return cls(stack, served, identity.settle(where, served.engine, preview=preview))

    def resource_group(self, name: str, names: Names, parent: pulumi.Resource) -> pulumi.Output[str]:
        network = docker.Network(
            name,
            name=names.prefix,
            labels=network_labels(names.labels),
            opts=pulumi.ResourceOptions(parent=parent),
        )
        return network.name

    def storage(self, name: str, args: StorageArgs, parent: pulumi.Resource) -> dict[str, pulumi.Output[str]]:
        """Give the registry's images, the gateway's routes and the digests of services' keys."""
        return volumes.volumes(name, VOLUMES, args, parent)

    def local_registry(
        self, name: str, args: ContainerRegistryArgs, parent: pulumi.Resource
    ) -> tuple[str, pulumi.Resource]:
        return local_registry.local_registry(
            name,
            args.names,
            args.images,
            args.port,
            login=args.login,
            volume=args.storage.volumes["images"],
            parent=parent,
        )

    def environment(
        self, name: str, args: EnvironmentArgs, parent: pulumi.Resource
    ) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        return gateway.gateway(name, args, parent)

    def release(self, name: str, args: ScoringServiceArgs, keys: ServiceKeys, parent: pulumi.Resource) -> Release:
        """Run containers; the `keys` reach them by the route, which puts their digests on the volume."""
        del keys
        return release.release(name, args, args.storage.volumes["keys"], parent)

    def route(self, name: str, args: RouteArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
        kept = serving(args, args.environment.url)
        servers = pulumi.Output.all(*map(_servers, args.releases)).apply(
            lambda groups: list(chain.from_iterable(groups))
        )
        route = GatewayRoute(
            name,
            {
                **kept,
                **({"engine": self.identity["engine"]["id"]} if self.identity else {}),
                "gateway": args.environment.gateway,
                "servers": servers,
                "drainSeconds": args.service.drain_seconds,
                "healthySeconds": args.service.healthy_seconds,
            },
            pulumi.ResourceOptions(parent=parent),
        )
        return pulumi.Output.all(route.id, kept["scoringUrl"]).apply(lambda known: str(known[1]))


def _servers(release: Release) -> pulumi.Output[list[dict[str, Any]]]:
    return release.hosts.apply(lambda hosts: [{"host": host, "weight": release.weight} for host in hosts])
