"""The container registry: where a stack's images lie, each under its digest."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from workbench.components.engines.engine import Engine
from workbench.components.images.base_images import BaseImages
from workbench.components.naming import Names
from workbench.components.registry_login import Login
from workbench.components.registry_settings import RegistrySettings
from workbench.components.resource_group import ResourceGroup
from workbench.components.storage import Storage


@dataclass(frozen=True, kw_only=True)
class ContainerRegistryArgs:
    """Arguments of a container registry.

    Attributes:
        names: Names of the stack's things on its engine, by `Names.made_with`.
        engine: The engine that the stack lives on, by `engines.engine.choose`.
        images: The base images of the toolchain, by `base_images.load`.
        group: The resource group that bounds the stack.
        storage: Where a registry of the stack's own keeps images.
        port: The TCP port of a registry of the stack's own, on the engine's loopback.
        remote: A registry that others run; None for one of the stack's own.

    """

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

    It makes no repositories: pushing does.

    Attributes:
        address: `HOST:PORT[/PATH]`, which references of images begin with.
        login: User and password where the registry asks for them, as the stack's own does.
        is_remote: Whether others run it.
        awaited: What must answer before anything is pushed.

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
