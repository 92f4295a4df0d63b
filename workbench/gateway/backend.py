"""A service's backend in the gateway: its slots, and their text for HAProxy.

Pure: no file, no socket. A backend has a fixed number of slots, so that releases come and go by the runtime socket
and HAProxy is reloaded only when a service is born or dies.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

SLOTS = 16
IDLE_HOST = "gateway"  # resolves to the gateway itself, where nothing listens on PORT
PORT = 8000  # of every scoring container
SERVICE_NAME = re.compile(r"[a-z0-9][a-z0-9.-]{1,30}[a-z0-9]")
HOST_NAME = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_.-]{0,200}")
MAX_WEIGHT = 256
CHECKED = "check inter 500ms fastinter 200ms downinter 300ms rise 1 fall 2"
RESOLVED = "resolvers docker init-addr last,libc,none"


class RouteError(Exception):
    """A route that can't be had: one line, what and why."""


@dataclass(frozen=True, order=True)
class Server:
    """One container of a release: its name and its share of the traffic (0 to 256)."""

    host: str
    weight: int

    def __post_init__(self) -> None:
        if not HOST_NAME.fullmatch(self.host):
            raise RouteError(f"host {self.host!r} is not a container's name")
        if not 0 <= self.weight <= MAX_WEIGHT:
            raise RouteError(f"weight {self.weight} of {self.host} is not between 0 and {MAX_WEIGHT}")


@dataclass(frozen=True)
class Plan:
    """What moves when a backend goes from its slots to the servers wanted."""

    slots: dict[int, Server]
    arriving: dict[int, Server]
    leaving: dict[int, Server]


def backend_name(service: str) -> str:
    if not SERVICE_NAME.fullmatch(service):
        raise RouteError(f"service {service!r}: a name is 3 to 32 of a-z, 0-9, '.' and '-'")
    return f"service_{service}"


def plan(current: dict[int, Server], wanted: list[Server]) -> Plan:
    """Keep each server that stays in its slot, put new ones into free slots."""
    if len({server.host for server in wanted}) != len(wanted):
        raise RouteError("a container stands twice in the route")
    by_host = {server.host: server for server in wanted}
    kept = {slot: by_host[old.host] for slot, old in current.items() if old.host in by_host}
    leaving = {slot: old for slot, old in current.items() if old.host not in by_host}
    staying = {server.host for server in kept.values()}
    new = [server for server in wanted if server.host not in staying]
    free = [slot for slot in range(1, SLOTS + 1) if slot not in current]
    if len(new) > len(free):
        raise RouteError(
            f"{len(new)} new containers, but {len(free)} of {SLOTS} slots are free: end old releases first"
        )
    arriving = dict(zip(free, new, strict=False))
    return Plan(slots={**kept, **arriving}, arriving=arriving, leaving=leaving)


def render(service: str, slots: dict[int, Server]) -> str:
    """Write the backend as HAProxy reads it at a start."""
    lines = [
        f"backend {backend_name(service)}",
        "    balance roundrobin",
        "    option httpchk GET /",
        "    http-check expect status 200",
        f"    default-server {CHECKED} {RESOLVED}",
    ]
    for slot in range(1, SLOTS + 1):
        if server := slots.get(slot):
            lines.append(f"    server {slot} {server.host}:{PORT} weight {server.weight}")
        else:
            lines.append(f"    server {slot} {IDLE_HOST}:{PORT} weight 0 disabled")
    return "\n".join(lines) + "\n"
