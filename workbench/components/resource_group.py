"""The resource group: what bounds one stack on its engine and tells its things from others'."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from workbench.components.engines.engine import Engine
from workbench.components.naming import Names


@dataclass(frozen=True, kw_only=True)
class ResourceGroupArgs:
    """Arguments of a resource group.

    Attributes:
        names: Names of the stack's things on its engine, by `Names.made_with`.
        engine: The engine that the stack lives on, by `engines.engine.choose`.

    """

    names: Names
    engine: Engine


class ResourceGroup(pulumi.ComponentResource):
    """A network or a namespace of the stack's own, which no other stack joins, and the labels all its things carry.

    Attributes:
        boundary: The name of the docker network, or of the Kubernetes namespace. Give it to resources of your own that
            services shall reach.

    """

    boundary: pulumi.Output[str]

    def __init__(self, name: str, args: ResourceGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:ResourceGroup", name, None, opts)
        self.boundary = args.engine.resource_group(name, args.names, self)
        self.register_outputs({"boundary": self.boundary, **args.engine.identity})
