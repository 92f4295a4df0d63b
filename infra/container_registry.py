"""The container registry: where a stack's images lie, each under its digest."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.base_images import BaseImages
from infra.engines.docker.container import ContainerSpec, container
from infra.engines.docker.system_image import REGISTRY, system_image
from infra.naming import Names
from infra.resource_group import ResourceGroup
from infra.storage import Storage

PORT = 5000
LOOPBACK = "127.0.0.1"
PROBE = ("python3", "-IS", "-c", f"import socket; socket.create_connection(('127.0.0.1', {PORT}), 2)")


@dataclass(frozen=True, kw_only=True)
class ContainerRegistryArgs:
    names: Names
    images: BaseImages
    group: ResourceGroup
    storage: Storage
    port: int


class ContainerRegistry(pulumi.ComponentResource):
    """A registry on the engine's loopback, which the engine itself pushes to and pulls from.

    It asks for no credentials: nothing beyond that host reaches it, and services run what a digest names.
    """

    address: pulumi.Output[str]

    def __init__(self, name: str, args: ContainerRegistryArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:ContainerRegistry", name, None, opts)
        image = system_image(f"{name}-image", args.names.of("registry"), args.images.registry, REGISTRY, self)
        running = container(
            name,
            ContainerSpec(
                name=args.names.of("registry"),
                image=image.name,
                network=args.group.network,
                probe=PROBE,
                labels=args.names.labels,
                port=PORT,
                publish=(LOOPBACK, args.port),
                writable={"/var/lib/registry": args.storage.images},
                scratch={"/tmp": 64},  # noqa: S108 - a tmpfs of the container's own
            ),
            pulumi.ResourceOptions(parent=self),
        )
        self.address = running.id.apply(lambda _: f"{LOOPBACK}:{args.port}")
        self.register_outputs({"address": self.address})
