"""The resource group: what bounds one stack on its engine and tells its things from others'."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.engines.engine import Engine
from infra.naming import Names


@dataclass(frozen=True, kw_only=True)
class ResourceGroupArgs:
    names: Names
    engine: Engine


class ResourceGroup(pulumi.ComponentResource):
    """A network or a namespace of the stack's own, which no other stack joins, and the labels all its things carry."""

    boundary: pulumi.Output[str]

    def __init__(self, name: str, args: ResourceGroupArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:ResourceGroup", name, None, opts)
        self.boundary = args.engine.resource_group(name, args.names, self)
        self.register_outputs({"boundary": self.boundary, **args.engine.identity})
