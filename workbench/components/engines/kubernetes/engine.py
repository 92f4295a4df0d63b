"""A Kubernetes cluster: a namespace, plain objects in it, and rollouts that are waited for by the route.

Images are built by the docker engine that DOCKER_HOST names, and pushed to where the nodes pull them from.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pulumi
import pulumi_kubernetes as kubernetes

from workbench.clusters import cluster
from workbench.clusters.cluster import Cluster, ClusterError
from workbench.components.container_registry import ContainerRegistryArgs
from workbench.components.engines.docker import local_registry, volumes
from workbench.components.engines.docker.provider import docker_provider, own_login
from workbench.components.engines.kubernetes import exposure, namespace, quota, release, secrets
from workbench.components.engines.kubernetes.cluster_route import ClusterRoute
from workbench.components.engines.kubernetes.objects import Place, object_name
from workbench.components.engines.kubernetes.pod import STEADY_PROBES
from workbench.components.engines.kubernetes.release import STEADY_SECONDS
from workbench.components.environment import EnvironmentArgs
from workbench.components.errors import InfraError
from workbench.components.naming import Names
from workbench.components.route import RouteArgs, serving
from workbench.components.scoring_service import Release, ScoringServiceArgs
from workbench.components.served import Served
from workbench.components.service_keys import ServiceKeys
from workbench.components.settings import Settings
from workbench.components.storage import StorageArgs


class KubernetesEngine:
    """Beneath the components, a cluster's own objects."""

    def __init__(self, stack: Settings, served: Served, place: Cluster, identity: str, node: str) -> None:
        """`identity` is the cluster's id, `node` the address of one of its nodes."""
        self.identity: dict[str, Any] = {"cluster": identity}
        self._place = place
        self._settings = stack.cluster
        self._has_own_registry = stack.registry is None
        self._host = stack.cluster.host or node
        self._quota = quota.quota(stack.services)
        provider = kubernetes.Provider(
            "cluster",
            kubeconfig=str(Path(place.kubeconfig).expanduser()) if place.kubeconfig else None,
            context=place.context,
            enable_server_side_apply=True,
        )
        self.login = own_login(stack, served)
        self.options = pulumi.ResourceOptions(providers=[docker_provider(stack, self.login), provider])

    @classmethod
    def of(cls, stack: Settings, served: Served) -> KubernetesEngine:
        """Find the cluster, which must be the one that the stack lives in. Raises InfraError."""
        known = served.cluster
        where = f"Pulumi.{stack.stack}.yaml"
        try:
            place = cluster.find(stack.cluster.kubeconfig, stack.cluster.context)
            found = place.look()
        except ClusterError as error:
            raise InfraError(f"{where}: {error}") from error
        if known is not None and known != found.identity:
            raise InfraError(
                f"{where}: the context {place.context!r} is another cluster ({found.identity}) than the one that this "
                f"stack lives in ({known}); set kubeconfig and kubeContext back, or destroy the stack there first"
            )
        if stack.services and (warning := exposure.in_clear(stack.cluster)):
            pulumi.warn(f"{where}: {warning}")
        return cls(stack, served, place, found.identity, found.node)

    def resource_group(self, name: str, names: Names, parent: pulumi.Resource) -> pulumi.Output[str]:
        return namespace.namespace(name, names, self._quota, parent)

    def storage(self, name: str, args: StorageArgs, parent: pulumi.Resource) -> dict[str, pulumi.Output[str]]:
        """Give the images of a registry of the stack's own; keys are Secrets here, and routes are Services."""
        return volumes.volumes(name, ["images"], args, parent) if self._has_own_registry else {}

    def local_registry(
        self, name: str, args: ContainerRegistryArgs, parent: pulumi.Resource
    ) -> tuple[str, pulumi.Resource]:
        """Give the address of one beside the engine that builds: for a cluster whose node is that same host."""
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
        """Give the address that URLs begin with; each service has a door of its own, so nothing is declared here."""
        del name, parent
        return pulumi.Output.from_input(f"{self._settings.scheme}://{self._host}"), args.group.boundary

    def release(self, name: str, args: ScoringServiceArgs, keys: ServiceKeys, parent: pulumi.Resource) -> Release:
        place = Place(args.names, args.group.boundary)
        pull = secrets.pull_secret(f"{name}-registry", args.service.name, args.registry, place, parent)
        if args.service.otlp_endpoint:
            namespace.open_to_collector(name, args.service.name, args.service.otlp_endpoint, place, parent)
        return release.release(name, args, keys, pull, parent)

    def route(self, name: str, args: RouteArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
        service, (only,) = args.service, args.releases  # shares of several will be Services of their own
        place = Place(args.names, args.group.boundary)
        door = exposure.door(name, service, self._settings, self._host, place, parent)
        kept = serving(args, door)
        route = ClusterRoute(
            name,
            {
                **kept,
                "kubeconfig": self._place.kubeconfig,
                "context": self._place.context,
                "namespace": args.group.boundary,
                # Known once it is there, so that this comes later.
                "deployment": only.hosts.apply(lambda hosts: hosts[0]),
                "object": object_name(service.name),
                "release": only.name,
                "replicas": service.replicas,
                "healthySeconds": service.healthy_seconds + STEADY_PROBES + STEADY_SECONDS,
            },
            pulumi.ResourceOptions(parent=parent),
        )
        return pulumi.Output.all(route.id, kept["scoringUrl"]).apply(lambda known: str(known[1]))
