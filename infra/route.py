"""A route: which releases answer a service's URL, to whom, and in which shares."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import chain
from typing import Any

import pulumi

from infra.engines.docker.gateway_route import GatewayRoute
from infra.environment import Environment
from infra.manifests import model_names
from infra.naming import service_path
from infra.scoring_service import Release
from infra.service_keys import ServiceKeys
from infra.settings import ServiceSettings
from model.manifest import Manifest


@dataclass(frozen=True, kw_only=True)
class RouteArgs:
    service: ServiceSettings
    environment: Environment
    manifest: Manifest
    image: pulumi.Output[str]
    keys: ServiceKeys
    releases: tuple[Release, ...]


class Route(pulumi.ComponentResource):
    """Moves traffic only to releases that are healthy, then lets the old ones finish what they hold."""

    scoring_url: pulumi.Output[str]

    def __init__(self, name: str, args: RouteArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:Route", name, None, opts)
        url = args.environment.url.apply(lambda gateway: f"{gateway}{service_path(args.service.name)}/score")
        servers = pulumi.Output.all(*map(_servers, args.releases)).apply(
            lambda groups: list(chain.from_iterable(groups))
        )
        route = GatewayRoute(
            name,
            {
                "gateway": args.environment.gateway,
                "service": args.service.name,
                "servers": servers,
                "keys": pulumi.Output.unsecret(args.keys.digests),
                "drainSeconds": args.service.drain_seconds,
                "healthySeconds": args.service.healthy_seconds,
                "scoringUrl": url,
                "image": args.image,
                "manifest": args.manifest.id,
                "models": model_names(args.manifest),
            },
            pulumi.ResourceOptions(parent=self),
        )
        self.scoring_url = pulumi.Output.all(route.id, url).apply(lambda known: str(known[1]))
        self.register_outputs({"scoringUrl": self.scoring_url})


def _servers(release: Release) -> pulumi.Output[list[dict[str, Any]]]:
    return release.hosts.apply(lambda hosts: [{"host": host, "weight": release.weight} for host in hosts])
