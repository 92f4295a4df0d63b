"""Asking the gateway's agent, by the engine's exec alone, wherever DOCKER_HOST points.

Dynamic providers run in a process of their own, found again by their module's name; so they and this stay small and
hold nothing.
"""

from __future__ import annotations

import json
from typing import Any, cast

from pulumi.dynamic import DiffResult

Streams = tuple[bytes | None, bytes | None]
FIXED = ("gateway", "service")


def ask(gateway: str, verb: str, **request: Any) -> Any:  # noqa: ANN401 - JSON both ways
    """Run a verb in the gateway's container. Raises RuntimeError with the gateway's own line."""
    import docker  # an unchanged stack never pays for it

    client = docker.from_env(use_ssh_client=True)
    try:
        container = client.containers.get(gateway)
        command = ["python3", "-m", "gateway", verb, json.dumps(request)]
        status, (out, err) = cast("tuple[int, Streams]", container.exec_run(command, demux=True))
    except docker.errors.DockerException as error:
        raise RuntimeError(f"gateway {gateway} did not take {verb}: {str(error).splitlines()[0]}") from error
    finally:
        client.close()
    if status:
        raise RuntimeError(f"gateway {gateway}: {(err or out or b'it ended without a word').decode().strip()}")
    return json.loads(out or b"null")


def changes(old: dict[str, Any], new: dict[str, Any]) -> DiffResult:
    """Compare inputs alone; another gateway or service means another resource."""
    changed = [key for key in new if not key.startswith("__") and old.get(key) != new[key]]
    return DiffResult(
        changes=bool(changed), replaces=[key for key in changed if key in FIXED], delete_before_replace=True
    )
