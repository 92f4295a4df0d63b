"""Which docker engine this is: by its own id, whatever its address. A stack knows the one that it lives on again.

An address is a name that anybody can point elsewhere; to a provider another engine looks like one from which everything
has vanished.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from workbench.components.engines.docker.gateway_agent import engine
from workbench.components.errors import InfraError

DEFAULT = "unix:///var/run/docker.sock"
# Names the id of the engine that a stack is moved to, for the two commands that move it.
MOVE = "WORKBENCH_MOVE_TO_ENGINE"
_PATIENCE_SECONDS = 10


@dataclass(frozen=True)
class Identity:
    """`id` is the engine's own ID and the folder of its data, `name` its host's, `address` where it was asked.

    Before Docker 23 the ID alone is the machine's: two engines of one machine share it.
    """

    id: str
    name: str
    address: str

    def __str__(self) -> str:
        return f"{self.id} on {self.name or '?'} at {self.address or '?'}"


def of(outputs: Mapping[str, str] | None) -> Identity | None:
    """The engine that a stack's state tells of."""
    if not outputs or not outputs.get("id"):
        return None
    return Identity(outputs["id"], outputs.get("name", ""), outputs.get("address", ""))


def address() -> str:
    """Where the engine is asked: what DOCKER_HOST names, else this machine's own socket."""
    return os.environ.get("DOCKER_HOST") or DEFAULT


def look() -> Identity:
    """Ask the engine that DOCKER_HOST names. Raises RuntimeError, one line, when it does not answer."""
    with engine(_PATIENCE_SECONDS) as client:
        told = client.info()
    id_ = f"{told['ID']}@{told.get('DockerRootDir', '')}"
    return Identity(id_, str(told.get("Name", "")), address())


def settle(where: str, known: Identity | None, *, preview: bool) -> Identity | None:
    """The engine to work on: the one that the stack lives on, or its first.

    A preview goes on without an answer: then nobody knows better than the state. Raises InfraError.
    """
    try:
        found = look()
    except RuntimeError as error:
        if preview:
            return known
        raise InfraError(f"{where}: {error}; DOCKER_HOST names the engine, make doctor tells what ails it") from error
    if known and (words := problem(known.id, found, str(known))):
        raise InfraError(f"{where}: {words}")
    return found


def problem(known: str, found: Identity, told: str = "") -> str:
    """What is wrong where a stack lives on the engine with the id `known`, "" of that one and of one it is moved to."""
    if known in (found.id, "") or os.environ.get(MOVE) == found.id:
        return ""
    return (
        f"the docker engine {found} is another than the one that this stack lives on, {told or known}; set DOCKER_HOST "
        f"back, or destroy the stack there first; to leave that one for good: {MOVE} in docs/handover.md"
    )


def require(known: str) -> None:
    """Refuse to go on anywhere else than on the engine with this id. Raises RuntimeError."""
    if known and (words := problem(known, look())):
        raise RuntimeError(words)


def moving() -> bool:
    """Whether a stack is being moved, so that what its old engine had is gone."""
    return bool(os.environ.get(MOVE))
