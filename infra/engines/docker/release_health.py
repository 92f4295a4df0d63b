"""Waiting until a release's containers are healthy, and saying why when they never are."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import docker
    from docker.models.containers import Container

POLL_SECONDS = 0.25
RESTARTS = 3
LAST_WORDS = 600


def await_healthy(client: docker.DockerClient, hosts: Iterable[str], seconds: float) -> None:
    """Return once all containers are healthy. Raises RuntimeError, with a container's last words, if one never is."""
    end = time.monotonic() + seconds
    for host in hosts:
        container = client.containers.get(host)
        while (state := container.attrs["State"]).get("Health", {}).get("Status") != "healthy":
            restarts = container.attrs["RestartCount"]
            if restarts >= RESTARTS or state["Status"] in {"exited", "dead"}:
                raise RuntimeError(
                    f"{host} ended {restarts + 1} times, last with {state['ExitCode']}{_last_words(container)}"
                )
            if time.monotonic() > end:
                raise RuntimeError(f"{host} was not healthy within {seconds:g} s{_last_words(container)}")
            time.sleep(POLL_SECONDS)
            container.reload()


def _last_words(container: Container) -> str:
    lines = container.logs(tail=5).decode(errors="replace").strip().splitlines()
    return f"; its last words: {lines[-1][:LAST_WORDS]}" if lines else "; it said nothing"
