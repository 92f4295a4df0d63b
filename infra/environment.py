"""The environment: an engine's address for callers. Owns the gateway; routes of services are their own."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.base_images import BaseImages
from infra.engines.docker.container import ContainerSpec, container
from infra.engines.docker.system_image import GATEWAY, system_image
from infra.naming import Names
from infra.resource_group import ResourceGroup
from infra.storage import Storage

PORT = 8080
PROBE = ("python3", "-IS", "-c", f"import urllib.request as r; r.urlopen('http://127.0.0.1:{PORT}/healthz', timeout=2)")


@dataclass(frozen=True, kw_only=True)
class EnvironmentArgs:
    names: Names
    images: BaseImages
    group: ResourceGroup
    storage: Storage
    address: str
    port: int


class Environment(pulumi.ComponentResource):
    """The gateway in front of all services of a stack: one address, one container, HAProxy.

    `url` is what callers use; `gateway` is the container's name, known only once it answers.
    """

    url: pulumi.Output[str]
    gateway: pulumi.Output[str]

    def __init__(self, name: str, args: EnvironmentArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Environment", name, None, opts)
        image = system_image(f"{name}-image", args.names.of("gateway"), args.images.gateway, GATEWAY, self)
        gateway = container(
            f"{name}-gateway",
            ContainerSpec(
                name=args.names.of("gateway"),
                image=image.name,
                network=args.group.network,
                alias="gateway",
                probe=PROBE,
                labels=args.names.labels,
                port=PORT,
                publish=(args.address, args.port),
                writable={"/gateway": args.storage.routes, "/run/workbench/keys": args.storage.keys},
                scratch={"/run/haproxy": 8},
                memory=256,
            ),
            pulumi.ResourceOptions(parent=self),
        )
        host = "127.0.0.1" if args.address == "0.0.0.0" else args.address  # noqa: S104 - compared, not bound
        self.gateway = pulumi.Output.all(gateway.id, gateway.name).apply(lambda known: str(known[1]))
        self.url = self.gateway.apply(lambda _: f"http://{host}:{args.port}")
        self.register_outputs({"url": self.url, "gateway": self.gateway})
