"""What the containers of the release that serves have said, as the docker engine keeps it."""

import contextlib
import subprocess
from collections.abc import Iterator, Sequence

from workbench.core.errors import ServiceError
from workbench.experiments.targets.engine import Engine
from workbench.stacks.environments import log_lines
from workbench.stacks.services.service import Service


def hosts(service: Service) -> list[str]:
    """Names of the containers that a service's requests go to. Raises ServiceError when there are none."""
    found = [str(server["host"]) for server in service.state.get("servers", [])]
    if not found:
        raise ServiceError(
            f"stack {service.stack}: no container serves {service.name}; run: pulumi up -s {service.stack}"
        )
    return found


def show(containers: Sequence[str], *, tail: int | None, follow: bool) -> None:
    """Print the containers' logs, each line behind its container's name when there are several. Raises TargetError."""
    engine = Engine(None)
    for container in containers:
        if engine.inspect("container", container) is None:
            raise ServiceError(f"the engine has no container {container}; bring it back by: pulumi up --refresh")
    options = [*(["--tail", str(tail)] if tail is not None else []), *(["--follow"] if follow else [])]
    with contextlib.ExitStack() as open_streams:
        streams = [
            open_streams.enter_context(
                engine.open("logs", *options, container, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            )
            for container in containers
        ]
        # Ended first, whatever ends this: a stream that follows never ends by itself.
        for stream in streams:
            open_streams.callback(stream.kill)
        log_lines.show(
            [(each, _lines(stream)) for each, stream in zip(containers, streams, strict=True)], follow=follow
        )


def _lines(stream: "subprocess.Popen[bytes]") -> Iterator[str]:
    for line in stream.stdout or ():
        yield line.decode(errors="replace").rstrip()
