"""Waiting until a release's containers are healthy, and saying why when they never are.

It runs their own health check by exec, as often as it likes. What the engine runs of it is for people, and rare: each
run is a process.
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import docker
    from docker.models.containers import Container

POLL_SECONDS = 0.4
RESTARTS = 3
LAST_WORDS = 600


def await_healthy(client: docker.DockerClient, hosts: Iterable[str], seconds: float) -> None:
    """Return once all containers are healthy. Raises RuntimeError, with a container's last words, if one never is."""
    end = time.monotonic() + seconds
    for host in hosts:
        container = client.containers.get(host)
        while not _is_healthy(container):
            state, restarts = container.attrs["State"], container.attrs["RestartCount"]
            if restarts >= RESTARTS or state["Status"] in {"exited", "dead"}:
                raise RuntimeError(
                    f"{host} ended {restarts + 1} times, last with {state['ExitCode']}{_last_words(container)}"
                )
            if time.monotonic() > end:
                raise RuntimeError(f"{host} was not healthy within {seconds:g} s{_last_words(container)}")
            time.sleep(POLL_SECONDS)
            container.reload()


def _is_healthy(container: Container) -> bool:
    """Whether its health check passes now. No check passes in a container that does not run."""
    from docker.errors import APIError  # an unchanged stack never pays for it

    _, *command = container.attrs["Config"]["Healthcheck"]["Test"]
    try:
        return bool(container.exec_run(command).exit_code == 0)
    except APIError:
        return False


def _last_words(container: Container) -> str:
    lines = container.logs(tail=5).decode(errors="replace").strip().splitlines()
    return f"; its last words: {lines[-1][:LAST_WORDS]}" if lines else "; it said nothing"
