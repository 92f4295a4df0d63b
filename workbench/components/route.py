"""A route: which releases answer a service's URL, to whom, and in which shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from workbench.components.engines.engine import Engine
from workbench.components.environment import Environment
from workbench.components.manifests import model_names
from workbench.components.naming import Names, service_path
from workbench.components.resource_group import ResourceGroup
from workbench.components.scoring_service import Release
from workbench.components.service_keys import ServiceKeys
from workbench.core.service_settings import ServiceSettings
from workbench.registry.manifests.manifest import Manifest


@dataclass(frozen=True, kw_only=True)
class RouteArgs:
    """Arguments of a route.

    Attributes:
        names: Names of the stack's things on its engine, by `Names.made_with`.
        engine: The engine that the stack lives on, by `engines.engine.choose`.
        group: The resource group that bounds the stack.
        service: The service's settings.
        environment: What answers the service's URL.
        manifest: What the image was made of.
        image: The reference of the image by digest, for the record of what serves.
        keys: The service's keys, by `ScoringService.keys`.
        releases: Those that get traffic, each with its weight.
        promoted_at: When the image was promoted, ISO 8601 in UTC. Default: None, where no promotion is demanded.

    """

    names: Names
    engine: Engine
    group: ResourceGroup
    service: ServiceSettings
    environment: Environment
    manifest: Manifest
    image: pulumi.Output[str]
    keys: ServiceKeys
    releases: tuple[Release, ...]
    promoted_at: str | None = None


class Route(pulumi.ComponentResource):
    """Moves traffic only to releases that are healthy, then lets the old ones finish what they hold.

    Attributes:
        scoring_url: The service's URL, which stays the same while images change.

    """

    scoring_url: pulumi.Output[str]

    def __init__(self, name: str, args: RouteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Route", name, None, opts)
        self.scoring_url = args.engine.route(name, args, self)
        self.register_outputs({"scoringUrl": self.scoring_url})


def serving(args: RouteArgs, address: pulumi.Output[str]) -> dict[str, pulumi.Input[Any]]:
    """What an engine's own route keeps of a service, so that the state tells what serves; `address` begins its URL."""
    promoted = {"promotedAt": args.promoted_at} if args.promoted_at else {}
    return {
        "service": args.service.name,
        "keys": pulumi.Output.unsecret(args.keys.digests),
        "scoringUrl": pulumi.Output.concat(address, service_path(args.service.name), "/score"),
        "image": args.image,
        "manifest": args.manifest.id,
        "models": model_names(args.manifest),
        **promoted,
    }
