"""The environment: an engine's address for callers. Owns what all services share; their routes are their own."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from workbench.components.engines.engine import Engine
from workbench.components.images.base_images import BaseImages
from workbench.components.naming import Names
from workbench.components.resource_group import ResourceGroup
from workbench.components.storage import Storage


@dataclass(frozen=True, kw_only=True)
class EnvironmentArgs:
    """Arguments of an environment.

    Attributes:
        names: Names of the stack's things on its engine, by `Names.made_with`.
        engine: The engine that the stack lives on, by `engines.engine.choose`.
        images: The base images of the toolchain, by `base_images.load`.
        group: The resource group that bounds the stack.
        storage: Where the gateway keeps its routes.
        address: The address of the engine's host on which the gateway listens.
        port: The gateway's TCP port, which scoring URLs carry.

    """

    names: Names
    engine: Engine
    images: BaseImages
    group: ResourceGroup
    storage: Storage
    address: str
    port: int


class Environment(pulumi.ComponentResource):
    """What stands in front of all services of a stack.

    Attributes:
        url: What callers use, such as `http://127.0.0.1:8080`.
        gateway: The name of what answers there, known only once it does.

    """

    url: pulumi.Output[str]
    gateway: pulumi.Output[str]

    def __init__(self, name: str, args: EnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Environment", name, None, opts)
        self.url, self.gateway = args.engine.environment(name, args, self)
        self.register_outputs({"url": self.url, "gateway": self.gateway})
