"""A scoring service: a name with two keys that stay, and the release that runs behind it now."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pulumi

from workbench.components.container_registry import ContainerRegistry
from workbench.components.engines.engine import Engine
from workbench.components.image import Image
from workbench.components.images.build_context import digest_of
from workbench.components.naming import KEYS_FOLDER, SCORING_PORT, Names
from workbench.components.resource_group import ResourceGroup
from workbench.components.service_keys import ServiceKeys
from workbench.components.storage import Storage
from workbench.core.service_settings import ServiceSettings


@dataclass(frozen=True, kw_only=True)
class ScoringServiceArgs:
    """Arguments of a scoring service.

    Attributes:
        names: Names of the stack's things on its engine, by `Names.made_with`.
        engine: The engine that the stack lives on, by `engines.engine.choose`.
        service: The service's settings; docs/stack-settings.md has them with units and defaults.
        image: The image that runs.
        registry: Where the engine gets it.
        group: The resource group that bounds the stack.
        storage: Where the digests of the keys lie.

    """

    names: Names
    engine: Engine
    service: ServiceSettings
    image: Image
    registry: ContainerRegistry
    group: ResourceGroup
    storage: Storage


@dataclass(frozen=True)
class Release:
    """One image serving one service: the hosts that answer, known once they run, and its share (0 to 256)."""

    name: str
    hosts: pulumi.Output[list[str]]
    weight: int = 100


class ScoringService(pulumi.ComponentResource):
    """Keys and one release, which is named by all that makes it what it is. A `Route` gives it traffic.

    Attributes:
        keys: The two keys that callers show, which stay while images change.
        release: The image that runs, and the hosts that answer.

    """

    keys: ServiceKeys
    release: Release

    def __init__(self, name: str, args: ScoringServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:ScoringService", name, None, opts)
        self.keys = ServiceKeys(
            f"{name}-keys",
            args.names.stack,
            args.service.name,
            {"primary": args.service.primary_key, "secondary": args.service.secondary_key},
            pulumi.ResourceOptions(parent=self),
        )
        self.release = args.engine.release(name, args, self.keys, self)
        self.register_outputs({"release": self.release.name})


def server_environment(service: ServiceSettings) -> dict[str, str]:
    """The server's settings; what the stack leaves open stays the server's own default."""
    return {
        "SCORING_SERVICE": service.name,
        "SCORING_PORT": str(SCORING_PORT),
        "SCORING_KEYS": KEYS_FOLDER,
        **service.variables(),
    }


def release_name(args: ScoringServiceArgs, *shaped_by: Path) -> str:
    """Name a release by all that makes it what it is: its image, its settings, the code that they pass through."""
    return digest_of(args.image.identity, repr(sorted(args.service.shape().items())), *shaped_by, Path(__file__))[:8]
