"""One request and its answer, over ASGI: what came in, bounded in size and time, and what goes out, once."""

import asyncio
import os
import re
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Any, Final

from workbench.server.errors import Code, RequestError

Scope = Mapping[str, Any]
Message = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON: Final = "application/json"
UNKNOWN: Final = "other"
OK: Final = 200
HEALTH: Final = frozenset({"/", "/healthz/live", "/healthz/ready", "/v2/health/live", "/v2/health/ready"})
SANE_ID: Final = re.compile(rb"[A-Za-z0-9._-]{1,64}")


def address(service: str) -> str:
    """The path under which callers know a service, before the paths of its routes."""
    return f"/api/v1/service/{service}"


class LeftError(Exception):
    """The caller went away before the whole request was here."""


class Request:
    """A request and its answer.

    `route` is the template of the path, never the path itself; `status`, `rows` and `code` are set while it is
    answered, for what is told of it afterwards. `shared` headers go out with every answer.
    """

    __slots__ = (
        "_late", "_limit", "_once", "_receive", "_seconds", "_send", "code", "headers", "method", "path", "request_id",
        "route", "rows", "shared", "status",
    )  # fmt: skip

    def __init__(self, scope: Scope, receive: Receive, send: Send, limit: int, seconds: float) -> None:
        """Take a request whose body may have `limit` bytes and take `seconds` to come."""
        self.method: str = scope["method"]
        self.path: str = scope["path"]
        self.headers: Sequence[Header] = scope["headers"]
        self._once = dict(self.headers)
        self._receive, self._send, self._limit, self._seconds = receive, send, limit, seconds
        self.request_id = self._choose_id()
        self.shared: list[Header] = [(b"x-request-id", self.request_id.encode())]
        self.route = UNKNOWN
        self.status: int | None = None
        self._late = False
        self.rows = 0
        self.code: Code | None = None

    @property
    def is_routine(self) -> bool:
        """Whether it asked after health that is well: gateways ask often, and nobody reads of it."""
        return self.route in HEALTH and self.status == OK

    def header(self, name: bytes) -> bytes | None:
        """Return the header's value; None unless it stands exactly once."""
        if len(self._once) == len(self.headers):
            return self._once.get(name)
        values = [value for key, value in self.headers if key == name]
        return values[0] if len(values) == 1 else None

    async def body(self) -> bytes:
        """Read the body, chunked or not; raises RequestError (413, 415, 408) or LeftError."""
        if (coding := self.header(b"content-encoding") or b"identity") != b"identity":
            shown = repr(coding[:32].decode("latin-1"))
            raise RequestError(Code.UNSUPPORTED_MEDIA_TYPE, f"the content encoding is {shown}; send the body as it is")
        declared = self.header(b"content-length")
        if declared and declared.isdigit() and int(declared) > self._limit:
            raise self._too_large()
        timer = asyncio.get_running_loop().call_later(self._seconds, self._expire, asyncio.current_task())
        try:
            return await self._read()
        except asyncio.CancelledError:
            if not self._late:
                raise
            text = f"the body did not come within {self._seconds:g} s; send it again"
            raise RequestError(Code.TIMEOUT, text, {"connection": "close"}) from None
        finally:
            timer.cancel()

    async def answer(self, status: int, content: bytes, media_type: str = JSON, headers: Iterable[Header] = ()) -> None:
        """Send the answer; a HEAD gets its head alone."""
        self.status = status
        head = self.head(content, media_type)
        try:
            await self._send({"type": "http.response.start", "status": status, "headers": [*head, *headers]})
            await self._send({"type": "http.response.body", "body": b"" if self.method == "HEAD" else content})
        except RuntimeError as error:
            raise LeftError from error  # what uvloop says of a connection that is closed already

    def head(self, content: bytes, media_type: str = JSON) -> list[Header]:
        """The headers that every answer has."""
        return [(b"content-type", media_type.encode()), (b"content-length", b"%d" % len(content)), *self.shared]

    async def _read(self) -> bytes:
        parts: list[bytes] = []
        size = 0
        while True:
            message = await self._receive()
            if message["type"] != "http.request":
                raise LeftError
            part: bytes = message.get("body", b"")
            size += len(part)
            if size > self._limit:
                raise self._too_large()
            parts.append(part)
            if not message.get("more_body"):
                return b"".join(parts) if len(parts) > 1 else part

    def _expire(self, task: asyncio.Task[Any] | None) -> None:
        """What asyncio.timeout does, at a fraction of its price: nearly every body is there before it is asked for."""
        self._late = True
        if task:
            task.cancel()

    def _too_large(self) -> RequestError:
        text = f"the body is larger than {self._limit} bytes; send fewer rows at once"
        # The connection stays: closed on bytes that nobody read, it would take the answer with it.
        return RequestError(Code.TOO_LARGE, text)

    def _choose_id(self) -> str:
        """Take the caller's `x-request-id` if it is short and plain, else make one."""
        given = self.header(b"x-request-id")
        if given is not None and SANE_ID.fullmatch(given):
            return given.decode("ascii")
        return os.urandom(16).hex()
