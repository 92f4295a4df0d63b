"""One JSON object a line on stdout, with the request's id on every line that a request caused.

It never sees a body or a key: callers pass the fields they want written.
"""

import asyncio
import logging
import sys
import time
from collections import deque
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import orjson

from workbench.server.request import Request

LOG: Final = logging.getLogger("scoring")
LATER_SECONDS: Final = 0.1
LONGEST_METHOD: Final = 16
LONGEST_PATH: Final = 200
request_id: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)


class Lines(logging.Handler):
    """Writes events at once and lines of requests within a moment, many by one write, in their order.

    `common` fields stand in every line.
    """

    def __init__(self) -> None:
        super().__init__()
        self.common: dict[str, object] = {}
        # Scripts' threads write events, and so these lines before them, while the event loop adds to them.
        self._answered: deque[bytes] = deque()

    def later(self, request: Request, seconds: float) -> None:
        """Tell of an answered request soon. Called on every request, from the event loop: it writes nothing itself.

        It keeps the line and not the request, which would hold all of it in memory, and out of the caches.
        """
        if not self._answered:
            asyncio.get_running_loop().call_later(LATER_SECONDS, self.flush)
        self._answered.append(self._line(time.time(), request, seconds))

    def emit(self, record: logging.LogRecord) -> None:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if record.name != LOG.name:
            line["logger"] = record.name
        if current := request_id.get():
            line["request_id"] = current
        line |= self.common | getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = logging.Formatter().formatException(record.exc_info)
        self._write(orjson.dumps(line, default=str, option=orjson.OPT_APPEND_NEWLINE))

    def flush(self) -> None:
        if self._answered:
            self._write(b"")

    def _write(self, line: bytes) -> None:
        self.acquire()
        try:
            lines = [self._answered.popleft() for _ in range(len(self._answered))]
            sys.stdout.write((b"".join(lines) + line).decode())
            sys.stdout.flush()
        finally:
            self.release()

    def _line(self, ended: float, request: Request, seconds: float) -> bytes:
        return orjson.dumps(
            {
                "time": f"{_second(int(ended))}.{int(ended % 1 * 1000):03d}+00:00",
                "level": "info",
                "event": "request",
                "request_id": request.request_id,
                "method": request.method[:LONGEST_METHOD],
                "path": request.path[:LONGEST_PATH],
                "status": request.status,
                "code": request.code,
                "rows": request.rows,
                "ms": round(seconds * 1000, 3),
                **self.common,
            },
            option=orjson.OPT_APPEND_NEWLINE,
        )


@lru_cache(maxsize=2)
def _second(since_epoch: int) -> str:
    return datetime.fromtimestamp(since_epoch, UTC).strftime("%Y-%m-%dT%H:%M:%S")


HANDLER: Final = Lines()


def configure() -> None:
    """Send everything that is logged in this process, the score script's lines too, to stdout as JSON lines."""
    logging.basicConfig(handlers=[HANDLER], level=logging.INFO, force=True)
    # uvicorn tells of its comings and goings, and advises callers' upgrades; ours are the lines that matter here.
    logging.getLogger("uvicorn").setLevel(logging.ERROR)


def event(level: int, name: str, /, *, exc_info: BaseException | None = None, **fields: object) -> None:
    """Log one named event with its fields."""
    LOG.log(level, name, exc_info=exc_info, extra={"fields": fields})


def answered(request: Request, seconds: float) -> None:
    """Log that a request was answered; its line may wait a moment for others."""
    HANDLER.later(request, seconds)
