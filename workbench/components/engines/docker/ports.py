"""The ports of the engine's host that a stack is about to take, looked at before anything of it is made.

Asks the engine only in an `up`, and only for ports that the state does not have yet.
"""

from __future__ import annotations

import socket
from dataclasses import dataclass
from typing import Any

import pulumi

from workbench.components.engines.docker import gateway_agent, identity
from workbench.components.engines.docker.local_registry import LOOPBACK
from workbench.components.errors import InfraError
from workbench.components.naming import Names
from workbench.components.served import Served
from workbench.components.settings import Settings
from workbench.core import ports

_ALL = ("", "0.0.0.0", "::")  # noqa: S104 - compared, not bound


@dataclass(frozen=True)
class Wanted:
    """A port by its key in the stack's file, and the container that is to have it."""

    key: str
    container: str
    address: str
    port: int


def check(stack: Settings, served: Served) -> None:
    """Raise InfraError, one line, for a port that somebody else has, or a container's name."""
    if pulumi.runtime.is_dry_run():
        return
    names = Names.made_with(stack.project, stack.stack, served.boundary)
    fresh = [each for each in _wanted(stack, names) if each.port not in served.published.get(each.container, ())]
    if not fresh:
        return
    try:
        with gateway_agent.engine() as client:
            containers: list[dict[str, Any]] = client.api.containers(all=True)
            is_here = client.info().get("Name") == socket.gethostname()
    except RuntimeError:
        return  # the provider says what is wrong with the engine
    host = identity.address()
    for each in fresh:
        where = f"Pulumi.{stack.stack}.yaml: {stack.project}:{each.key} is {each.port}"
        how = f"choose another: pulumi config set {each.key} PORT -s {stack.stack}"
        holder = next((name for name, there in _published(containers) if _meet(each, there)), "")
        if holder and holder != each.container:
            raise InfraError(f"{where}: the container {holder} of the engine {host} has that port; {how}")
        if any(each.container in _names(one) for one in containers) and each.container not in served.published:
            raise InfraError(
                f"stack {stack.stack}: the engine {host} has a container {each.container} that is none of this stack's:"
                " a stack of that name was renamed, or lies in another home; give this one another name"
            )
        if is_here and not holder and not ports.is_free(each.port, each.address):
            raise InfraError(f"{where}: {ports.listener(each.port)} on this machine has that port; {how}")


def _wanted(stack: Settings, names: Names) -> list[Wanted]:
    """The gateway's port is a docker host's; a registry stands beside whatever engine builds."""
    found = []
    if stack.engine == "docker":
        found.append(Wanted("gatewayPort", names.of("gateway"), stack.gateway_address, stack.gateway_port))
    if not stack.registry:
        found.append(Wanted("registryPort", names.of("registry"), LOOPBACK, stack.registry_port))
    return found


def _names(container: dict[str, Any]) -> list[str]:
    return [name.removeprefix("/") for name in container.get("Names") or []]


def _published(containers: list[dict[str, Any]]) -> list[tuple[str, dict[str, Any]]]:
    """Each published port with its container's name; those of containers that stopped are free."""
    return [(_names(each)[0], there) for each in containers for there in each.get("Ports") or [] if _names(each)]


def _meet(wanted: Wanted, there: dict[str, Any]) -> bool:
    address = there.get("IP", "")
    return there.get("PublicPort") == wanted.port and (
        address == wanted.address or address in _ALL or wanted.address in _ALL
    )
