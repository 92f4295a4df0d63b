"""A registry in a container: on the engine's loopback, where the engine itself pushes to it and pulls from it.

It has a network of its own, so that no service's container reaches it; it asks for a login, and deletes nothing.
"""

from __future__ import annotations

import pulumi
import pulumi_docker as docker

from workbench.components.engines.docker.container import ContainerSpec, container
from workbench.components.engines.docker.labels import network_labels
from workbench.components.engines.docker.system_image import REGISTRY, system_image
from workbench.components.images.base_images import BaseImages
from workbench.components.naming import Names
from workbench.components.registry_login import Login

PORT = 5000
LOOPBACK = "127.0.0.1"
PROBE = ("python3", "-IS", "-c", f"import socket; socket.create_connection(('127.0.0.1', {PORT}), 2)")


def local_registry(
    name: str,
    names: Names,
    images: BaseImages,
    port: int,
    *,
    login: Login,
    volume: pulumi.Input[str],
    parent: pulumi.Resource,
) -> tuple[str, pulumi.Resource]:
    """Declare it; give its address, and what answers there.

    Who uses the address waits by `depends_on` alone: what is made of an output of a container is deleted with it when
    that is replaced, images and services too.
    """
    child = pulumi.ResourceOptions(parent=parent)
    network = docker.Network(
        f"{name}-network", name=names.of("registry"), labels=network_labels(names.labels), opts=child
    )
    image = system_image(f"{name}-image", names.of("registry"), images.registry, REGISTRY, parent)
    running = container(
        name,
        ContainerSpec(
            name=names.of("registry"),
            image=image.name,
            network=network.name,
            probe=PROBE,
            labels=names.labels,
            port=PORT,
            publish=(LOOPBACK, port),
            writable={"/var/lib/registry": volume},
            environment={"REGISTRY_LOGINS": login.htpasswd},
            scratch={"/tmp": 64},  # noqa: S108 - a tmpfs of the container's own
        ),
        # Its name and port are taken until it is gone, also when somebody asks for it by `--replace`.
        pulumi.ResourceOptions(parent=parent, delete_before_replace=True),
    )
    return f"{LOOPBACK}:{port}", running
