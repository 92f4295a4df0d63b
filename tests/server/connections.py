"""Connections of a server that tests drive by hand, and requests that come over them."""

import asyncio
from collections.abc import Callable
from typing import Any

from tests.server.serving import statuses
from tests.server.wires import Server, Wire
from workbench.server.connection import Connection

KEYLESS = b"GET /x HTTP/1.1\r\nhost: toy\r\n\r\n"
PIECE = KEYLESS * (47_000 // len(KEYLESS))
REFUSED = b"POST /score HTTP/1.1\r\nhost: toy\r\ncontent-length: 1000\r\n\r\n"
FOREVER = 3600.0


def connected(server: Server, **options: Any) -> tuple[Connection, Wire]:
    made, wire = server.connect(**options)
    assert isinstance(made, Connection)
    return made, wire


async def turns(condition: Callable[[], bool]) -> None:
    """Let the loop turn until it is so; a test that hangs here has failed."""
    while not condition():  # noqa: ASYNC110 - a connection has no event for it
        await asyncio.sleep(0)


def lose(*made: tuple[Connection, Wire]) -> None:
    """Tell connections that are closed so, as their transport would."""
    for each, wire in made:
        if wire.closed and each.parser is not None:
            each.connection_lost(None)


def answers(wire: Wire) -> list[int]:
    return statuses(b"".join(wire.writes))
