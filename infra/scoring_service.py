"""A scoring service: a name with two keys that stay, and the release that runs behind it now."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import pulumi

from infra.container_registry import ContainerRegistry
from infra.engines.docker.build_context import digest_of
from infra.engines.engine import Engine
from infra.image import Image
from infra.naming import KEYS_FOLDER, SCORING_PORT, Names
from infra.resource_group import ResourceGroup
from infra.service_keys import ServiceKeys
from infra.service_settings import ServiceSettings
from infra.storage import Storage

# Settings that make no other containers: what they are called, how many there are, how long one waits for them.
SHAPELESS = {
    "name",
    "manifest",
    "image",
    "replicas",
    "healthy_seconds",
    "primary_key",
    "secondary_key",
    "autoscale_max_replicas",
    "autoscale_target_utilization",
}


@dataclass(frozen=True, kw_only=True)
class ScoringServiceArgs:
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
    """Keys and one release, which is named by all that makes it what it is. Traffic is the route's affair."""

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
    chosen = {
        "SCORING_WORKERS": service.workers,
        "SCORING_THREADS": service.threads,
        "SCORING_CONCURRENCY": service.concurrency,
        "SCORING_MAX_ROWS": service.max_rows,
        "SCORING_MAX_BODY_BYTES": service.max_body_bytes,
        "OTEL_EXPORTER_OTLP_ENDPOINT": service.otlp_endpoint,
    }
    return {
        "SCORING_SERVICE": service.name,
        "SCORING_PORT": str(SCORING_PORT),
        "SCORING_DRAIN_SECONDS": str(service.drain_seconds),
        "SCORING_KEYS": KEYS_FOLDER,
        **{name: str(value) for name, value in chosen.items() if value is not None},
    }


def release_name(args: ScoringServiceArgs, *shaped_by: Path) -> str:
    """Name a release by all that makes it what it is: its image, its settings, the code that they pass through."""
    shape = {key: value for key, value in asdict(args.service).items() if key not in SHAPELESS}
    return digest_of(args.image.identity, repr(sorted(shape.items())), *shaped_by, Path(__file__))[:8]
