"""A connection of this process: all of a server but its socket, with the quick way or without it."""

import asyncio
from dataclasses import dataclass, field
from typing import Any

import uvicorn
from uvicorn.server import ServerState

from tests.server.serving import KEY
from workbench.server.app import App
from workbench.server.complete_requests import Cycle
from workbench.server.connection import Connection
from workbench.server.fast_path import FastPath
from workbench.server.keys import Keys
from workbench.server.lifecycle import Lifecycle
from workbench.server.metrics import Metrics
from workbench.server.pool import Pool
from workbench.server.process import configuration
from workbench.server.server import build
from workbench.server.settings import Settings
from workbench.server.tracing import Tracing

MAX_BODY_BYTES = 1024 * 1024
RIGHT = b'{"input_df": [{"age": 41, "state": "WA"}]}'


def request(body: bytes = RIGHT, *more: bytes, line: bytes = b"POST /score HTTP/1.1", **headers: str) -> bytes:
    given = {"host": "toy", "authorization": f"Bearer {KEY}", "content-type": "application/json"}
    given |= {name.replace("_", "-"): value for name, value in headers.items()}
    lines = [line, *(f"{name}: {value}".encode() for name, value in given.items() if value), *more]
    return b"\r\n".join([*lines, b"content-length: %d" % len(body), b"", body])


def row(age: str = "41", state: str = "WA") -> bytes:
    return b'{"input_df": [{"age": %s, "state": "%s"}]}' % (age.encode(), state.encode())


class Wire(asyncio.Transport):
    """What a connection says, and whether it is closed."""

    def __init__(self) -> None:
        super().__init__()
        self.writes: list[bytes] = []
        self.closed = False
        self.paused = False
        self.unread = 0

    def get_write_buffer_size(self) -> int:
        return self.unread

    def write(self, data: Any) -> None:
        assert not self.closed
        self.writes.append(bytes(data))

    def close(self) -> None:
        self.closed = True

    def abort(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def pause_reading(self) -> None:
        self.paused = True

    def resume_reading(self) -> None:
        self.paused = False


@dataclass
class Server:
    """A service both ways; `taken` says of each request that was offered whether it was taken."""

    app: App
    quick: FastPath
    metrics: Metrics
    state: ServerState = field(default_factory=ServerState)
    taken: list[bool] = field(default_factory=list)

    def configuration(self, *, quickly: bool = True) -> uvicorn.Config:
        config = configuration(self.app, take=self._take if quickly else None)
        config.load()
        return config

    def connect(self, *, quickly: bool = True, config: uvicorn.Config | None = None) -> tuple[Connection, Wire]:
        self.state.default_headers = [(b"date", b"today")]
        config = config or self.configuration(quickly=quickly)
        kind: Any = config.http_protocol_class
        connection, wire = kind(config, self.state, {}), Wire()
        connection.connection_made(wire)
        return connection, wire

    def _take(self, connection: Connection, cycle: Cycle) -> bool:
        self.taken.append(self.quick.take(connection, cycle))
        return self.taken[-1]

    async def settle(self) -> None:
        """Until everything that came is answered."""
        await asyncio.sleep(0)
        while self.state.tasks or self.quick.waiting:  # noqa: ASYNC110 - neither has an event
            await asyncio.sleep(0)

    def say(self, *pieces: bytes, quickly: bool = True) -> Wire:
        async def talk() -> Wire:
            connection, wire = self.connect(quickly=quickly)
            for piece in pieces:
                connection.data_received(piece)
                await asyncio.sleep(0)
            await self.settle()
            connection.connection_lost(None)
            return wire

        return asyncio.run(talk())


def make(lifecycle: Lifecycle, keys: Keys, pool: Pool) -> Server:
    metrics, settings = Metrics(), Settings("toy", max_body_bytes=MAX_BODY_BYTES)
    app = build(lifecycle, keys, pool, metrics, Tracing(), settings)
    return Server(app, FastPath(lifecycle, keys, pool, metrics, settings), metrics)


def counted(metrics: Metrics) -> dict[str, float]:
    content = metrics.render()[0].decode()
    lines = [line.rpartition(" ") for line in content.splitlines() if line.startswith("scoring_")]
    return {name: float(value) for name, _, value in lines if "_bucket" not in name and "_sum" not in name}
