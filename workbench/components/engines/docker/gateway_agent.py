"""Asking the gateway's agent, by the engine's exec alone, wherever DOCKER_HOST points.

A dynamic provider runs in a process of its own, found again by its module's name; so it and this stay small and hold
nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING, Any, cast

if TYPE_CHECKING:
    from docker import DockerClient

Streams = tuple[bytes | None, bytes | None]
# A gateway of an earlier version, which an `up` is about to replace, has its agent under another name.
_AGENT = """
import importlib.util, runpy
name = "workbench.gateway" if importlib.util.find_spec("workbench") else "gateway"
runpy.run_module(name, run_name="__main__", alter_sys=True)
"""


@contextmanager
def engine(seconds: int = 60) -> Iterator[DockerClient]:
    """Connect to the engine that DOCKER_HOST names. Raises RuntimeError, one line, for what goes wrong inside.

    `seconds` is how long each answer may take.
    """
    import docker  # an unchanged stack never pays for it

    try:
        with closing(docker.from_env(use_ssh_client=True, timeout=seconds)) as client:
            yield client
    except (docker.errors.DockerException, OSError) as error:  # requests' errors are OSErrors
        raise RuntimeError(f"the docker engine: {str(error).splitlines()[0]}") from error


def ask(client: DockerClient, gateway: str, verb: str, **request: Any) -> Any:  # noqa: ANN401 - JSON both ways
    """Run a verb in the gateway's container. Raises RuntimeError with the gateway's own line."""
    command = ["python3", "-c", _AGENT, verb, json.dumps(request)]
    status, (out, err) = cast("tuple[int, Streams]", client.containers.get(gateway).exec_run(command, demux=True))
    if status:
        raise RuntimeError(f"gateway {gateway}: {(err or out or b'it ended without a word').decode().strip()}")
    return json.loads(out or b"null")
