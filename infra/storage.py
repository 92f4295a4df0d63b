"""Storage: what outlives containers. Owns the volumes; does not know what others write into them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from infra.engines.docker.labels import volume_labels
from infra.naming import Names


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    names: Names


class Storage(pulumi.ComponentResource):
    """Three volumes: the registry's images, the gateway's routes, the digests of services' keys."""

    images: pulumi.Output[str]
    routes: pulumi.Output[str]
    keys: pulumi.Output[str]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Storage", name, None, opts)

        def volume(kind: str) -> pulumi.Output[str]:
            return docker.Volume(
                f"{name}-{kind}",
                name=args.names.of(kind),
                labels=volume_labels(args.names.labels),
                opts=pulumi.ResourceOptions(parent=self),
            ).name

        self.images, self.routes, self.keys = volume("images"), volume("routes"), volume("keys")
        self.register_outputs({"images": self.images, "routes": self.routes, "keys": self.keys})
