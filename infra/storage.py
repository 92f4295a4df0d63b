"""Storage: what outlives containers. Owns the volumes; does not know what others write into them."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from infra.engines.engine import Engine
from infra.naming import Names


@dataclass(frozen=True, kw_only=True)
class StorageArgs:
    names: Names
    engine: Engine
    protect: bool = False


class Storage(pulumi.ComponentResource):
    """The volumes that an engine needs, by what is in them.

    Protected, neither an `up` nor a `destroy` takes them away; Pulumi says how to lift that.
    """

    volumes: dict[str, pulumi.Output[str]]

    def __init__(self, name: str, args: StorageArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Storage", name, None, opts)
        self.volumes = args.engine.storage(name, args, self)
        self.register_outputs(dict(self.volumes))
