"""Storage: what outlives containers. Owns the volumes; does not know what others write into them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from workbench.components.engines.engine import Engine
from workbench.components.naming import Names


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    """Arguments of the storage.

    Attributes:
        names: Names of the stack's things on its engine, by `Names.made_with`.
        engine: The engine that the stack lives on, by `engines.engine.choose`.
        protect: Whether the volumes survive a destroy. Default: no.

    """

    names: Names
    engine: Engine
    protect: bool = False


class Storage(pulumi.ComponentResource):
    """The volumes that an engine needs.

    Protected, neither an `up` nor a `destroy` takes them away; Pulumi says how to lift that.

    Attributes:
        volumes: Names of the volumes on the engine, by what is in them, such as `registry`; none in a cluster.

    """

    volumes: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Storage", name, None, opts)
        self.volumes = args.engine.storage(name, args, self)
        self.register_outputs(dict(self.volumes))
