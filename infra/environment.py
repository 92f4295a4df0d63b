"""The environment: an engine's address for callers. Owns what all services share; their routes are their own."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.base_images import BaseImages
from infra.engines.engine import Engine
from infra.naming import Names
from infra.resource_group import ResourceGroup
from infra.storage import Storage


@dataclass(frozen=True, kw_only=True)
class EnvironmentArgs:
    names: Names
    engine: Engine
    images: BaseImages
    group: ResourceGroup
    storage: Storage
    address: str
    port: int


class Environment(pulumi.ComponentResource):
    """What stands in front of all services of a stack.

    `url` is what callers use; `gateway` is the name of what answers there, known only once it does.
    """

    url: pulumi.Output[str]
    gateway: pulumi.Output[str]

    def __init__(self, name: str, args: EnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Environment", name, None, opts)
        self.url, self.gateway = args.engine.environment(name, args, self)
        self.register_outputs({"url": self.url, "gateway": self.gateway})
