"""How many processes and threads a stack's containers may have, told to the engine itself.

The docker provider has no argument for it, and `ulimits` are no way: the kernel counts `nproc` by user, so all
containers of one user would share one bound. It is set where traffic moves, before any reaches a new release, and
outlives restarts.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from docker import DockerClient

# A worker for each of 64 cores, with a thread for each core where a library takes them; a fork bomb ends here.
PROCESSES = 4096


def limit_processes(client: DockerClient, names: Iterable[str]) -> None:
    """Bound these containers; one that is not there is left out. Raises RuntimeError if the engine refuses."""
    for name in names:
        url = f"{client.api.base_url}/v{client.api.api_version}/containers/{name}/update"
        answer = client.api.post(url, json={"PidsLimit": PROCESSES}, timeout=client.api.timeout)
        if answer.status_code not in (200, 404):
            raise RuntimeError(f"{name}: the engine set no limit of processes: {answer.text.strip()[:200]}")
