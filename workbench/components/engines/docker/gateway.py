"""The gateway in front of all services of a stack: one address, one container, HAProxy."""

from __future__ import annotations

import pulumi

from workbench.components.engines.docker.container import ContainerSpec, container
from workbench.components.engines.docker.system_image import GATEWAY, system_image
from workbench.components.environment import EnvironmentArgs

PORT = 8080
PROBE = ("python3", "-IS", "-c", f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/healthz', timeout=2)")


def gateway(name: str, args: EnvironmentArgs, parent: pulumi.Resource) -> tuple[pulumi.Output[str], pulumi.Output[str]]:
    """Declare it; give its URL and its container's name, both known only once it answers."""
    image = system_image(f"{name}-image", args.names.of("gateway"), args.images.gateway, GATEWAY, parent)
    running = container(
        f"{name}-gateway",
        ContainerSpec(
            name=args.names.of("gateway"),
            image=image.name,
            network=args.group.boundary,
            alias="gateway",
            probe=PROBE,
            labels=args.names.labels,
            port=PORT,
            publish=(args.address, args.port),
            writable={"/gateway": args.storage.volumes["routes"], "/run/workbench/keys": args.storage.volumes["keys"]},
            scratch={"/run/haproxy": 8},
            memory=256,
        ),
        pulumi.ResourceOptions(parent=parent),
    )
    host = "127.0.0.1" if args.address == "0.0.0.0" else args.address  # noqa: S104 - compared, not bound
    named = pulumi.Output.all(running.id, running.name).apply(lambda known: str(known[1]))
    return named.apply(lambda _: f"http://{host}:{args.port}"), named
