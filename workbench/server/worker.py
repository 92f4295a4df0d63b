"""A worker's side of the channel to its parent: that it is ready, or why it can't start, and later that it still runs.

The parent's side, and what the channel carries, is in `workers`.
"""

import asyncio
import logging
import socket
from argparse import SUPPRESS, ArgumentParser
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import orjson

from workbench.server import logs

# A traceback may be long, and the parent reads a line.
LONGEST_TRACEBACK: Final = 20_000
ALL_READY: Final = b"+"
ALIVE: Final = b'{"alive":true}\n'
BEAT_SECONDS: Final = 1.0


class Worker:
    """One of several processes that serve the same port.

    `late` is one that comes when all were ready before: the others answer, it listens only when it can do so too.
    `shared` is a folder of all workers.
    """

    def __init__(self, number: int, channel: socket.socket, shared: Path, *, late: bool) -> None:
        self.number: Final = number
        self.shared: Final = shared
        self.late: Final = late
        self._channel = channel
        self._all_ready = asyncio.Event()

    def attach(self, stop: asyncio.Future[None]) -> None:
        """Listen to the parent on the running loop; its end is one too, told by `stop`."""
        loop = asyncio.get_running_loop()

        def hear() -> None:
            if self._channel.recv(len(ALL_READY)) == ALL_READY:
                self._all_ready.set()
                return
            loop.remove_reader(self._channel)
            if not stop.done():
                stop.set_result(None)

        loop.add_reader(self._channel, hear)

    async def ready(self) -> None:
        """Say so, and wait until all workers are; from then on say every second that this one runs."""
        self._tell({"ready": True})
        await self._all_ready.wait()
        self._beat()

    def failed(self, message: str, traceback: str | None) -> None:
        """Leave it to the parent to log why there is no start: all workers fail alike."""
        self._tell({"failed": message, "traceback": traceback and traceback[-LONGEST_TRACEBACK:]})

    def _beat(self) -> None:
        # A parent that stands still must not hold up its workers: what it does not read is not said.
        with suppress(OSError):
            self._channel.send(ALIVE, socket.MSG_DONTWAIT)
        asyncio.get_running_loop().call_later(BEAT_SECONDS, self._beat)

    def _tell(self, message: dict[str, object]) -> None:
        try:
            self._channel.sendall(orjson.dumps(message, option=orjson.OPT_APPEND_NEWLINE))
        except OSError as error:
            logs.event(logging.WARNING, "parent_gone", reason=str(error))


def from_arguments(arguments: Sequence[str]) -> Worker | None:
    """Return the worker that its parent's command line makes of this process; None if it is started by itself."""
    parser = ArgumentParser("scoring", description="Serve the score script of SCORING_FOLDER; SCORING_* say how.")
    parser.add_argument("--worker", type=int, help=SUPPRESS)
    parser.add_argument("--channel", type=int, help=SUPPRESS)
    parser.add_argument("--shared", type=Path, help=SUPPRESS)
    parser.add_argument("--late", action="store_true", help=SUPPRESS)
    given = parser.parse_args(arguments)
    if given.worker is None or given.channel is None:
        return None
    channel = socket.socket(fileno=given.channel)
    channel.set_inheritable(False)
    return Worker(given.worker, channel, given.shared, late=given.late)
