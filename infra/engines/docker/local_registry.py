"""A registry in a container: on the engine's loopback, where the engine itself pushes to it and pulls from it.

It asks for no credentials: nothing beyond that host reaches it, and services run what a digest names.
"""

from __future__ import annotations

import pulumi

from infra.base_images import BaseImages
from infra.engines.docker.container import ContainerSpec, container
from infra.engines.docker.system_image import REGISTRY, system_image
from infra.naming import Names

PORT = 5000
LOOPBACK = "127.0.0.1"
PROBE = ("python3", "-IS", "-c", f"import socket; socket.create_connection(('127.0.0.1', {PORT}), 2)")


def local_registry(
    name: str,
    names: Names,
    images: BaseImages,
    port: int,
    *,
    network: pulumi.Input[str],
    volume: pulumi.Input[str],
    parent: pulumi.Resource,
) -> pulumi.Output[str]:
    """Declare it; give its address, known once it answers."""
    image = system_image(f"{name}-image", names.of("registry"), images.registry, REGISTRY, parent)
    running = container(
        name,
        ContainerSpec(
            name=names.of("registry"),
            image=image.name,
            network=network,
            probe=PROBE,
            labels=names.labels,
            port=PORT,
            publish=(LOOPBACK, port),
            writable={"/var/lib/registry": volume},
            scratch={"/tmp": 64},  # noqa: S108 - a tmpfs of the container's own
        ),
        pulumi.ResourceOptions(parent=parent),
    )
    return running.id.apply(lambda _: f"{LOOPBACK}:{port}")
