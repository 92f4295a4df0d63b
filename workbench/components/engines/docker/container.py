"""A container as this project runs any: non-root, read-only, no capabilities, bounded, with a health check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pulumi
import pulumi_docker as docker

from workbench.components.engines.docker.labels import container_labels
from workbench.components.naming import SERVER_USER

# Each check is a process of the container's. What waits for a container asks more often (`release_health`).
PROBE_SECONDS = 15
WAITED_FOR_SECONDS = 4


@dataclass(frozen=True, kw_only=True)
class ContainerSpec:
    """What differs between our containers. `cpu` in cores, `memory` in MiB, times in seconds.

    `writable` and `readable` map a path in the container to a volume; `scratch` maps a path to a tmpfs of that many
    MiB. `publish` is (address, port) on the engine's host for `port`.
    """

    name: str
    image: pulumi.Input[str]
    network: pulumi.Input[str]
    probe: tuple[str, ...]
    labels: dict[str, str]
    port: int
    alias: str | None = None
    publish: tuple[str, int] | None = None
    environment: Mapping[str, pulumi.Input[str]] = field(default_factory=dict)
    writable: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    readable: dict[str, pulumi.Input[str]] = field(default_factory=dict)
    scratch: dict[str, int] = field(default_factory=dict)
    cpu: float = 1.0
    memory: int = 512
    wait: bool = True
    stop_seconds: int = 15


def container(resource: str, spec: ContainerSpec, opts: pulumi.ResourceOptions) -> docker.Container:
    """Declare it. An update that replaces it stops the old one first: what must not pause gets another `name`."""
    return docker.Container(
        resource,
        name=spec.name,
        image=spec.image,
        hostname=spec.name[:63],
        envs=[_setting(key, value) for key, value in sorted(spec.environment.items())],
        networks_advanced=[
            docker.ContainerNetworksAdvancedArgs(name=spec.network, aliases=[spec.alias] if spec.alias else [])
        ],
        ports=[
            docker.ContainerPortArgs(internal=spec.port, external=external, ip=address)
            for address, external in ([spec.publish] if spec.publish else [])
        ],
        mounts=[
            docker.ContainerMountArgs(type="volume", target=path, source=volume, read_only=path in spec.readable)
            for path, volume in sorted({**spec.writable, **spec.readable}.items())
        ],
        tmpfs={
            path: f"rw,noexec,nosuid,nodev,size={size}m,uid={SERVER_USER.split(':')[0]},mode=0700"
            for path, size in spec.scratch.items()
        },
        user=SERVER_USER,
        read_only=True,
        init=True,
        capabilities=docker.ContainerCapabilitiesArgs(drops=["ALL"]),
        security_opts=["no-new-privileges:true"],
        cpus=_cores(spec.cpu),
        memory=spec.memory,
        memory_swap=spec.memory,
        labels=container_labels(spec.labels),
        log_driver="json-file",
        log_opts={"max-size": "10m", "max-file": "3"},
        restart="unless-stopped",
        healthcheck=docker.ContainerHealthcheckArgs(
            tests=["CMD", *spec.probe],
            interval=f"{WAITED_FOR_SECONDS if spec.wait else PROBE_SECONDS}s",
            timeout="3s",
            retries=3,
            start_period="0s",
        ),
        wait=spec.wait,
        destroy_grace_seconds=spec.stop_seconds,
        opts=opts,
    )


def _setting(key: str, value: pulumi.Input[str]) -> pulumi.Input[str]:
    return pulumi.Output.concat(key, "=", value) if isinstance(value, pulumi.Output) else f"{key}={value}"


def _cores(cpu: float) -> str:
    """Spell cores as the docker provider reads them back, so that an unchanged container shows no difference."""
    text = f"{cpu:.9f}"
    return f"{cpu:.1f}" if text.count("0") == 9 else text.rstrip("0")  # noqa: PLR2004 - its own rule, to the digit
