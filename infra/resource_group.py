"""The resource group: what bounds one stack on its engine and tells its things from others'."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi
import pulumi_docker as docker

from infra.engines.docker.labels import network_labels
from infra.naming import Names


@dataclass(frozen=True, kw_only=True)
class ResourceGroupArgs:
    names: Names


class ResourceGroup(pulumi.ComponentResource):
    """A network of the stack's own, which no other stack's containers join, and the labels all its things carry."""

    network: pulumi.Output[str]

    def __init__(self, name: str, args: ResourceGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:ResourceGroup", name, None, opts)
        network = docker.Network(
            name,
            name=args.names.prefix,
            labels=network_labels(args.names.labels),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.network = network.name
        self.register_outputs({"network": self.network})
