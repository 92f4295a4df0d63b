"""The container registry: where a stack's images lie, each under its digest."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.base_images import BaseImages
from infra.engines.engine import Engine
from infra.naming import Names
from infra.registry_settings import RegistrySettings
from infra.resource_group import ResourceGroup
from infra.storage import Storage


@dataclass(frozen=True, kw_only=True)
class ContainerRegistryArgs:
    names: Names
    engine: Engine
    images: BaseImages
    group: ResourceGroup
    storage: Storage
    port: int
    remote: RegistrySettings | None


class ContainerRegistry(pulumi.ComponentResource):
    """The registry that the stack's file names, else one of the stack's own beside the engine that builds.

    `login` is (user, password) where the registry asks for one. It makes no repositories: pushing does.
    """

    address: pulumi.Output[str]
    login: tuple[str, pulumi.Output[str]] | None

    def __init__(self, name: str, args: ContainerRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:ContainerRegistry", name, None, opts)
        if args.remote:
            self.address = pulumi.Output.from_input(args.remote.address)
            self.login = args.remote.login
        else:
            self.address = args.engine.local_registry(name, args, self)
            self.login = None
        self.register_outputs({"address": self.address})
