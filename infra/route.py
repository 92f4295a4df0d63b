"""A route: which releases answer a service's URL, to whom, and in which shares."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pulumi

from infra.engines.engine import Engine
from infra.environment import Environment
from infra.manifests import model_names
from infra.naming import Names, service_path
from infra.resource_group import ResourceGroup
from infra.scoring_service import Release
from infra.service_keys import ServiceKeys
from infra.service_settings import ServiceSettings
from model.manifests.manifest import Manifest


@dataclass(frozen=True, kw_only=True)
class RouteArgs:
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
    """Moves traffic only to releases that are healthy, then lets the old ones finish what they hold."""

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
