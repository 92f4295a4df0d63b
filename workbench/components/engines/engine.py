"""What lies beneath the components: an engine declares, for each of them, what makes it real where services run.

The components own meaning and order; which of these classes is beneath them is chosen once, by `engine` in a stack's
file.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import pulumi

from workbench.components.engines.docker import ports
from workbench.components.registry_login import Login
from workbench.components.served import Served
from workbench.components.settings import Settings

if TYPE_CHECKING:
    from workbench.components.container_registry import ContainerRegistryArgs
    from workbench.components.environment import EnvironmentArgs
    from workbench.components.naming import Names
    from workbench.components.route import RouteArgs
    from workbench.components.scoring_service import Release, ScoringServiceArgs
    from workbench.components.service_keys import ServiceKeys
    from workbench.components.storage import StorageArgs


class Engine(Protocol):
    """Each method declares children of `parent`, named after `name`, and gives what the next components need.

    `login` is that to the stack's own registry, None where others run it. `identity` is what the state keeps of where
    the stack lives: `engine` of a docker host, or the `cluster`'s id.
    """

    options: pulumi.ResourceOptions
    login: Login | None
    identity: dict[str, Any]

    def resource_group(self, name: str, names: Names, parent: pulumi.Resource) -> pulumi.Output[str]:
        """Give the name of what bounds the stack: a network, a namespace."""
        ...

    def storage(self, name: str, args: StorageArgs, parent: pulumi.Resource) -> dict[str, pulumi.Output[str]]:
        """Give volumes by what is in them."""
        ...

    def local_registry(
        self, name: str, args: ContainerRegistryArgs, parent: pulumi.Resource
    ) -> tuple[str, pulumi.Resource]:
        """Give the address of a registry beside the engine that builds, and what answers there."""
        ...

    def environment(
        self, name: str, args: EnvironmentArgs, parent: pulumi.Resource
    ) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
        """Give the URL that all services have in common, and the name of the gateway behind it."""
        ...

    def release(self, name: str, args: ScoringServiceArgs, keys: ServiceKeys, parent: pulumi.Resource) -> Release:
        """Run an image; whether it is well is the route's affair."""
        ...

    def route(self, name: str, args: RouteArgs, parent: pulumi.Resource) -> pulumi.Output[str]:
        """Move traffic to the releases once they are well; give the scoring URL, known only then."""
        ...


def choose(stack: Settings, served: Served) -> Engine:
    """Give the engine that the stack's file names. Raises InfraError if it can't be had, or a port on its host."""
    ports.check(stack, served)
    if stack.engine == "kubernetes":
        from workbench.components.engines.kubernetes.engine import (
            KubernetesEngine,  # one engine never pays for the other
        )

        return KubernetesEngine.of(stack, served)
    from workbench.components.engines.docker.engine import DockerEngine

    return DockerEngine.of(stack, served)
