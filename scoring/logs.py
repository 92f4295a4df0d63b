"""One JSON object a line on stdout, with the request's id on every line that a request caused.

It never sees a body or a key: callers pass the fields they want written.
"""

import logging
import sys
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Final

import orjson

LOG: Final = logging.getLogger("scoring")
request_id: Final[ContextVar[str | None]] = ContextVar("request_id", default=None)


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "event": record.getMessage(),
        }
        if record.name != LOG.name:
            line["logger"] = record.name
        if current := request_id.get():
            line["request_id"] = current
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return orjson.dumps(line, default=str).decode()


def configure() -> None:
    """Send everything that is logged in this process, the score script's lines too, to stdout as JSON lines."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(handlers=[handler], level=logging.INFO, force=True)
    # uvicorn tells of its own comings and goings at INFO; ours are the ones that matter here.
    logging.getLogger("uvicorn").setLevel(logging.WARNING)


def event(level: int, name: str, /, *, exc_info: BaseException | None = None, **fields: object) -> None:
    """Log one named event with its fields."""
    LOG.log(level, name, exc_info=exc_info, extra={"fields": fields})
