"""The container registry: where a stack's images lie, each under its digest."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.base_images import BaseImages
from infra.engines.engine import Engine
from infra.naming import Names
from infra.registry_login import Login
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

    @property
    def login(self) -> Login:
        """That to the stack's own registry."""
        assert self.engine.login, "an engine has one where nobody else runs the registry"  # noqa: S101 - for mypy
        return self.engine.login


class ContainerRegistry(pulumi.ComponentResource):
    """The registry that the stack's file names, else one of the stack's own beside the engine that builds.

    `login` is (user, password) where the registry asks for one, as the stack's own does. It makes no repositories:
    pushing does, once what is `awaited` answers.
    """

    address: pulumi.Output[str]
    login: tuple[str, pulumi.Output[str]] | None
    is_remote: bool
    awaited: list[pulumi.Resource]

    def __init__(self, name: str, args: ContainerRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:ContainerRegistry", name, None, opts)
        if args.remote:
            self.address, self.awaited = pulumi.Output.from_input(args.remote.address), []
            self.login = args.remote.login
        else:
            address, running = args.engine.local_registry(name, args, self)
            self.address, self.awaited = pulumi.Output.from_input(address), [running]
            self.login = (args.login.user, args.login.password)
        self.is_remote = args.remote is not None
        self.register_outputs({"address": self.address})
