"""A stack's volumes on a docker engine: what outlives containers, kept from an `up` or a `destroy` where asked to."""

from __future__ import annotations

from collections.abc import Iterable

import pulumi
import pulumi_docker as docker

from workbench.components.engines.docker.labels import volume_labels
from workbench.components.storage import StorageArgs


def volumes(
    name: str, kinds: Iterable[str], args: StorageArgs, parent: pulumi.Resource
) -> dict[str, pulumi.Output[str]]:
    """Declare one for each kind of content; give their names."""
    return {
        kind: docker.Volume(
            f"{name}-{kind}",
            name=args.names.of(kind),
            labels=volume_labels(args.names.labels),
            opts=pulumi.ResourceOptions(parent=parent, protect=args.protect),
        ).name
        for kind in kinds
    }
