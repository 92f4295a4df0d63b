"""Requests that are here to their last byte: offered to whoever can answer them with no task of their own.

Nearly all come by one read, small as they are, or by two: many clients send the body after the head. What is not taken,
or comes in more pieces, goes uvicorn's own way, as if nobody had been asked.
"""

import asyncio
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from workbench.server.head_limit import BoundedHead
from workbench.server.request import Header

OK_LINE: Final = b"HTTP/1.1 200 OK\r\n"
# So long may the first byte of a body come after its head.
WAIT_SECONDS: Final = 0.05
Cycle = RequestResponseCycle


class CompleteRequests(BoundedHead):
    """Offers requests to `take`, if nothing about their connection is unusual.

    Uvicorn sees to those that end it, that came before their turn, whose caller waits for a word before the body or
    does not read the answers.
    """

    _arriving = False
    _held: Cycle | None = None
    _waiting: asyncio.TimerHandle | None = None

    def take(self, cycle: Cycle) -> bool:  # noqa: ARG002 - its own kind looks at it
        """Whether this request is answered from here, by `answer` now or soon; it may still `decline` then."""
        return False

    def on_headers_complete(self) -> None:
        self._arriving = True
        super().on_headers_complete()
        self._arriving = False

    def _start_asgi_task(self, cycle: Cycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's own ASGI types
        usual = self._arriving and cycle.keep_alive and not cycle.waiting_for_100_continue
        if usual and not self.flow.write_paused:
            self._held = cycle
        else:
            super()._start_asgi_task(cycle, app)

    def on_message_complete(self) -> None:
        self._in_message = False
        super().on_message_complete()
        cycle, self._held = self._held, None
        if cycle is not None and not self.take(cycle):
            self.decline(cycle)

    def data_received(self, data: bytes) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None
        super().data_received(data)
        if self._held is not None and not self._held.body and not self.transport.is_closing():
            self._waiting = self.loop.call_later(WAIT_SECONDS, self._let_go)
        else:
            self._let_go()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
        super().connection_lost(exc)
        self._let_go()

    def _let_go(self) -> None:
        cycle, self._held = self._held, None
        if cycle is not None:
            self.decline(cycle)

    def answer(self, cycle: Cycle, headers: list[Header], content: bytes, written: bytes = b"") -> None:
        """Send an answer of status 200, whose headers hold its length; more may be `written` already.

        As uvicorn does with two messages and two writes, of which each is a packet and a system call.
        """
        if cycle.disconnected or self.transport.is_closing():
            return
        parts = [OK_LINE]
        for name, value in (*self.server_state.default_headers, *headers):
            parts += (name, b": ", value, b"\r\n")
        parts.append(written)
        if not cycle.keep_alive:  # the server has begun to end
            parts.append(b"connection: close\r\n")
        parts += (b"\r\n", content)
        self.transport.write(b"".join(parts))
        cycle.response_started = cycle.response_complete = True
        if not cycle.keep_alive:
            self.transport.close()
        self.on_response_complete()

    def decline(self, cycle: Cycle) -> None:
        """Let a request go the common way after all."""
        super()._start_asgi_task(cycle, self.app)
