"""A scoring service: a name with two keys that stay, and the release that runs behind it now."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

import pulumi

from infra.engines.docker import container as engine_container
from infra.engines.docker.build_context import digest_of
from infra.engines.docker.container import ContainerSpec, container
from infra.image import Image
from infra.naming import SCORING_PORT, Names
from infra.resource_group import ResourceGroup
from infra.service_keys import ServiceKeys
from infra.settings import ServiceSettings
from infra.storage import Storage

KEYS_FOLDER = "/run/workbench/keys"
GATEWAY_LEAVES_SECONDS = 5
# Code that says what a container is like: changed, it makes new releases too.
SHAPED_BY = (Path(__file__), Path(engine_container.__file__))


@dataclass(frozen=True, kw_only=True)
class ScoringServiceArgs:
    names: Names
    service: ServiceSettings
    image: Image
    group: ResourceGroup
    storage: Storage


@dataclass(frozen=True)
class Release:
    """One image serving one service: its containers' names, known once they run, and its share (0 to 256)."""

    name: str
    hosts: pulumi.Output[list[str]]
    weight: int = 100


class ScoringService(pulumi.ComponentResource):
    """Keys and the containers of one release.

    A release is named by all that makes its containers what they are, so any change of it is a new release beside
    the old one; nothing that serves is ever stopped to be changed. Traffic is the route's affair.
    """

    keys: ServiceKeys
    release: Release

    def __init__(self, name: str, args: ScoringServiceArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("churn:infra:ScoringService", name, None, opts)
        self.keys = ServiceKeys(
            f"{name}-keys", args.names.stack, args.service.name, pulumi.ResourceOptions(parent=self)
        )
        release = digest_of(args.image.identity, repr(sorted(_shape(args.service).items())), *SHAPED_BY)[:8]
        running = [
            container(
                f"{name}-{release}-{replica}",
                self._spec(args, release, replica),
                pulumi.ResourceOptions(parent=self),
            )
            for replica in range(args.service.replicas)
        ]
        hosts = pulumi.Output.all(*[each.id for each in running]).apply(
            lambda _: [args.names.release_host(args.service.name, release, each) for each in range(len(running))]
        )
        self.release = Release(release, hosts)
        self.register_outputs({"release": release})

    @staticmethod
    def _spec(args: ScoringServiceArgs, release: str, replica: int) -> ContainerSpec:
        service = args.service
        return ContainerSpec(
            name=args.names.release_host(service.name, release, replica),
            image=args.image.reference,
            network=args.group.network,
            probe=("python3", "-S", "-m", "scoring.probe"),
            labels={**args.names.labels, "workbench.service": service.name, "workbench.release": release},
            port=SCORING_PORT,
            environment=_environment(service),
            readable={KEYS_FOLDER: args.storage.keys},
            scratch={"/tmp": 64},  # noqa: S108 - a tmpfs of the container's own
            cpu=service.cpu,
            memory=service.memory,
            wait=False,  # the route does, and says why it waited in vain
            stop_seconds=service.drain_seconds + GATEWAY_LEAVES_SECONDS,
        )


def _environment(service: ServiceSettings) -> dict[str, str]:
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


def _shape(service: ServiceSettings) -> dict[str, object]:
    """What of the settings makes a container; the image speaks for itself."""
    settings = asdict(service)
    for key in ("name", "manifest", "image", "replicas", "healthy_seconds"):
        del settings[key]
    return settings
