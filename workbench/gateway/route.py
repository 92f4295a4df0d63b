"""Moving a service's traffic from one set of containers to another without losing a request.

Order: newcomers take free slots with no traffic, pass HAProxy's own check, get their weight; only then do the old
lose theirs, finish what they hold, and leave. If newcomers don't pass, nothing else was touched.
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from workbench.gateway import haproxy
from workbench.gateway.backend import IDLE_HOST, Plan, RouteError, Server, backend_name, plan, render

LOCK = Path("/gateway/lock")


def get(service: str) -> list[Server]:
    """Read where a service's traffic goes now, from the running gateway; empty if it is not deployed."""
    return sorted((haproxy.serving(backend_name(service)) or {}).values())


def put(service: str, wanted: list[Server], *, healthy_seconds: float, drain_seconds: float) -> None:
    backend = backend_name(service)
    with _locked():
        current = haproxy.serving(backend)
        if current is None:
            _deploy(service, wanted, healthy_seconds)
            return
        move = plan(current, wanted)
        _arrive(backend, move, healthy_seconds)
        for number, server in move.slots.items():
            haproxy.tell(f"set server {backend}/{number} weight {server.weight}")
        _write(service, render(service, move.slots))
        _leave(backend, list(move.leaving), drain_seconds)


def delete(service: str) -> None:
    backend = backend_name(service)
    with _locked():
        _file(service).unlink(missing_ok=True)
        if haproxy.slots(backend) is not None:
            haproxy.reload(lambda: haproxy.slots(backend) is None)


def _deploy(service: str, wanted: list[Server], healthy_seconds: float) -> None:
    backend = backend_name(service)
    move = plan({}, wanted)
    _write(service, render(service, move.slots))
    try:
        haproxy.reload(lambda: haproxy.slots(backend) is not None)
        _wait_up(backend, move.slots, healthy_seconds)
    except RouteError:
        _file(service).unlink(missing_ok=True)
        haproxy.reload(lambda: haproxy.slots(backend) is None)
        raise


def _arrive(backend: str, move: Plan, healthy_seconds: float) -> None:
    try:
        for number, server in move.arriving.items():
            slot = f"{backend}/{number}"
            haproxy.tell(f"set server {slot} weight 0")
            haproxy.tell(f"set server {slot} fqdn {server.host}")
            haproxy.tell(f"set server {slot} state ready")
        _wait_up(backend, move.arriving, healthy_seconds)
    except RouteError:
        _retire(backend, list(move.arriving))
        raise


def _leave(backend: str, numbers: list[int], drain_seconds: float) -> None:
    for number in numbers:
        haproxy.tell(f"set server {backend}/{number} state drain")
    haproxy.wait_until(lambda: haproxy.in_flight(backend, numbers) == 0, drain_seconds)
    _retire(backend, numbers)


def _retire(backend: str, numbers: list[int]) -> None:
    for number in numbers:
        haproxy.tell(f"set server {backend}/{number} state maint")
        haproxy.tell(f"set server {backend}/{number} fqdn {IDLE_HOST}")


def _wait_up(backend: str, servers: dict[int, Server], seconds: float) -> None:
    for number, server in servers.items():
        if not haproxy.wait_until(partial(haproxy.is_up, backend, number, server), seconds):
            raise RouteError(f"{server.host} did not pass the gateway's check within {seconds:g} s")


@contextmanager
def _locked() -> Iterator[None]:
    with LOCK.open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _file(service: str) -> Path:
    return haproxy.SERVICES / f"{service}.cfg"


def _write(service: str, text: str) -> None:
    target = _file(service)
    temporary = target.with_suffix(".new")
    with temporary.open("w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())
    temporary.replace(target)
