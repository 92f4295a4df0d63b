"""A release on one docker host: containers side by side, named by all that makes them what they are.

Any change is a new release beside the old one; nothing that serves is ever stopped to be changed.
"""

from __future__ import annotations

from pathlib import Path

import pulumi

from workbench.components.engines.docker import container as engine_container
from workbench.components.engines.docker.container import ContainerSpec, container
from workbench.components.naming import KEYS_FOLDER, RELEASE_LABEL, SCORING_PORT, SERVICE_LABEL
from workbench.components.scoring_service import Release, ScoringServiceArgs, release_name, server_environment

GATEWAY_LEAVES_SECONDS = 5
# Code that says what a container is like: changed, it makes new releases too.
SHAPED_BY = (Path(__file__), Path(engine_container.__file__))


def release(name: str, args: ScoringServiceArgs, keys: pulumi.Input[str], parent: pulumi.Resource) -> Release:
    """Declare its containers, which read digests from the volume `keys`."""
    service = args.service
    title = release_name(args, *SHAPED_BY)
    running = [
        container(
            f"{name}-{title}-{replica}",
            ContainerSpec(
                name=args.names.release_host(service.name, title, replica),
                image=args.image.reference,
                network=args.group.boundary,
                probe=("python3", "-S", "-m", "workbench.server.probe"),
                labels={**args.names.labels, SERVICE_LABEL: service.name, RELEASE_LABEL: title},
                port=SCORING_PORT,
                environment=server_environment(service),
                readable={KEYS_FOLDER: keys},
                scratch={"/tmp": 64},  # noqa: S108 - a tmpfs of the container's own
                cpu=service.cpu,
                memory=service.memory,
                wait=False,  # the route does, and says why it waited in vain
                stop_seconds=service.drain_seconds + GATEWAY_LEAVES_SECONDS,
            ),
            pulumi.ResourceOptions(parent=parent),
        )
        for replica in range(service.replicas)
    ]
    hosts = pulumi.Output.all(*[each.id for each in running]).apply(
        lambda _: [args.names.release_host(service.name, title, each) for each in range(len(running))]
    )
    return Release(title, hosts)
