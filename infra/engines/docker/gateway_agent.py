"""Asking the gateway's agent, by the engine's exec alone, wherever DOCKER_HOST points.

Dynamic providers run in a process of their own, found again by their module's name; so they and this stay small and
hold nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from pulumi.dynamic import DiffResult

if TYPE_CHECKING:
    from docker import DockerClient

Streams = tuple[bytes | None, bytes | None]
FIXED = ("gateway", "service")


@contextmanager
def engine() -> Iterator[DockerClient]:
    """Connect to the engine that DOCKER_HOST names. Raises RuntimeError, one line, for what goes wrong inside."""
    import docker  # an unchanged stack never pays for it

    client = docker.from_env(use_ssh_client=True)
    try:
        yield client
    except docker.errors.DockerException as error:
        raise RuntimeError(f"the docker engine: {str(error).splitlines()[0]}") from error
    finally:
        client.close()


def ask(client: DockerClient, gateway: str, verb: str, **request: Any) -> Any:  # noqa: ANN401 - JSON both ways
    """Run a verb in the gateway's container. Raises RuntimeError with the gateway's own line."""
    command = ["python3", "-m", "gateway", verb, json.dumps(request)]
    status, (out, err) = cast("tuple[int, Streams]", client.containers.get(gateway).exec_run(command, demux=True))
    if status:
        raise RuntimeError(f"gateway {gateway}: {(err or out or b'it ended without a word').decode().strip()}")
    return json.loads(out or b"null")


def changes(old: dict[str, Any], new: dict[str, Any]) -> DiffResult:
    """Compare inputs alone; another gateway or service means another resource."""
    changed = [key for key in new if not key.startswith("__") and old.get(key) != new[key]]
    return DiffResult(
        changes=bool(changed), replaces=[key for key in changed if key in FIXED], delete_before_replace=True
    )
