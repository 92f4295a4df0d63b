"""What one connection may cost: requests that wait for their turn, bytes that nobody wants, answers that nobody reads.

Whoever sends faster than we answer is read no further. Until a connection has shown a key, its requests that came
before their turn are answered ever more slowly, and what all such connections hold together is bounded.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.http.flow_control import FlowControl

from workbench.server.complete_requests import CompleteRequests, Cycle
from workbench.server.held import Held

# So many heads of one read are parsed before those that came first are answered; each is some kB of objects.
MOST_HEADS: Final = 8
HEAD_END: Final = b"\r\n\r\n"
SHORTEST_MANY: Final = MOST_HEADS * len(b"GET / HTTP/1.1\r\n\r\n")
STANDING: Final = "standing"  # the key of a request's `state` that holds what its connection has shown
ADMITTED: Final = "admitted"
# What a refused body may still bring: closed on bytes that nobody read, a connection would take its answer with it.
LINGER_SECONDS: Final = 10.0
LINGER_BYTES: Final = 16 * 1024 * 1024
# A caller reads so much of an answer in that time, or is gone.
UNREAD_SECONDS: Final = 30.0
UNREAD_BYTES: Final = 16 * 1024
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.05, 2.0
MOST_CONNECTIONS: Final = 4096
# What the objects of a request that waits for its turn take beside its bytes.
WAITING_BYTES: Final = 3 * 1024

ANSWERED: Final[Any] = {}  # the scope of a request that was answered

Take = Callable[["Connection", Cycle], bool]


class Reading(FlowControl):
    """Stays paused while requests of the connection wait, whoever wants to go on reading."""

    def __init__(self, transport: asyncio.Transport, connection: "Connection") -> None:
        super().__init__(transport)
        self._connection = connection

    def resume_reading(self) -> None:
        if self.read_paused and not self._connection.is_full:
            super().resume_reading()


class Connection(CompleteRequests):
    """The connection of one caller. `standing` is empty until a request has shown a key; then it is `ADMITTED`."""

    held = Held()

    def __init__(self, *arguments: Any, **named: Any) -> None:  # noqa: ANN401 - uvicorn's own
        super().__init__(*arguments, **named)
        self.standing: dict[str, bool] = {}
        self.app_state = {STANDING: self.standing}  # each request's scope gets a copy
        self._rest, self._begin = b"", 0
        self._feeding: asyncio.Handle | None = None
        self._late_start: asyncio.TimerHandle | None = None
        self._pauses = self._parsed = 0
        self._holds = False
        self._lingering: asyncio.TimerHandle | None = None
        self._unwanted = 0
        self._unread: asyncio.TimerHandle | None = None

    @property
    def is_full(self) -> bool:
        """Whether requests wait that came before their turn."""
        return bool(self.pipeline or self._rest or self._late_start)

    @property
    def is_spare(self) -> bool:
        """Whether another may have its place: it asks nothing now and never showed a key."""
        return not self.standing and (self.cycle is None or self.cycle.response_complete)

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        if len(self.connections) >= MOST_CONNECTIONS:
            self._make_room(transport)
        super().connection_made(transport)
        self.flow = Reading(transport, self)

    def shutdown(self) -> None:
        if self.is_full and not self.standing:
            self.transport.abort()
        else:
            super().shutdown()

    def connection_lost(self, exc: Exception | None) -> None:
        self._hold(b"")
        self.held.hold(self, 0)
        for timer in (self._feeding, self._late_start, self._lingering, self._unread):
            if timer is not None:
                timer.cancel()
        self.pipeline.clear()
        super().connection_lost(exc)
        # Nothing that holds this may live on: neither a timer, which a reset would leave, nor a circle of objects.
        self._unset_keepalive_if_required()
        self.flow = FlowControl(self.transport)
        self.cycle = None  # type: ignore[assignment] # as it was before the first request
        self.scope, self.headers, self.url = ANSWERED, [], b""

    def data_received(self, data: bytes) -> None:
        many = len(data) > SHORTEST_MANY and data.count(HEAD_END) > MOST_HEADS
        if many or self._rest or self._lingering is not None:
            self._receive(data)
            return
        CompleteRequests.data_received(self, data)  # super() would cost every request
        cycle = self.cycle
        if (cycle is None or cycle.response_complete) and self.timeout_keep_alive_task is None:
            self._await_more()
        if self._in_message or self._holds or self.pipeline:
            self._account(len(data))

    def _receive(self, data: bytes) -> None:
        """Take what is more than one turn's requests, or comes after them, or is a body that was refused."""
        if self._lingering is not None:
            self._unwanted += len(data)
            if self._unwanted > LINGER_BYTES:
                self.transport.abort()
                return
        if self._rest:  # reading paused while this was on its way
            self._hold(self._rest[self._begin :] + data)
            self._account(0)
        else:
            self._hold(data)
            self._feed()

    def _feed(self) -> None:
        """Parse what was held, for as long as nothing waits for its turn."""
        self._feeding = None
        while self._rest and not self.pipeline and not self.transport.is_closing():
            begin, end = self._begin, self._begin
            for _ in range(MOST_HEADS):
                found = self._rest.find(HEAD_END, end)
                end = len(self._rest) if found < 0 else found + len(HEAD_END)
            part, self._begin = self._rest[begin:end], end
            if end == len(self._rest):
                self._hold(b"")
            super().data_received(part)
            self._account(len(part))
        if self._lingering is not None and not self._in_message:
            self._lingering.cancel()
            self._lingering = None
        if self.transport.is_closing():
            self._hold(b"")
        elif not self.is_full:
            self.flow.resume_reading()
            self._await_more()
        else:
            self.flow.pause_reading()

    def _hold(self, rest: bytes) -> None:
        self._rest, self._begin = rest, 0

    def _account(self, parsed: int) -> None:
        """Count what an unfinished head and the requests that wait hold, after so many bytes more were parsed."""
        self._parsed = self._parsed + parsed if self.pipeline or self._late_start else 0
        size = len(self._rest) + self.unfinished + self._parsed + WAITING_BYTES * len(self.pipeline)
        if self.standing or self.transport.is_closing():
            size = 0
        self._holds = size > 0
        self.held.hold(self, size)

    def _await_more(self) -> None:
        """Bound the time until the next request begins; uvicorn does so only after an answer."""
        idle = not self._in_message and (self.cycle is None or self.cycle.response_complete)
        if idle and self.timeout_keep_alive_task is None and not self.transport.is_closing():
            self.timeout_keep_alive_task = self.loop.call_later(
                self.timeout_keep_alive, self.timeout_keep_alive_handler
            )

    def on_response_complete(self) -> None:
        CompleteRequests.on_response_complete(self)
        self._forget()
        if self._holds:
            self._account(0)
        if (self._in_message or self._rest) and not self.transport.is_closing():
            self._go_on()

    def _forget(self) -> None:
        """Let go of an answered request, which uvicorn keeps until the next one begins."""
        cycle = self.cycle
        if cycle.response_complete:
            cycle.scope = ANSWERED
            cycle.body.clear()
            if not self._in_head:
                self.scope, self.headers, self.url = ANSWERED, [], b""

    def _go_on(self) -> None:
        """Bound the rest of a body that was refused, or take the requests that wait."""
        if self._in_message and self.cycle.response_complete:
            self._unwanted = 0
            self._lingering = self.loop.call_later(LINGER_SECONDS, self.transport.abort)
        if self._rest and not self.pipeline and self._feeding is None:
            self._feeding = self.loop.call_soon(self._feed)

    def _start_asgi_task(self, cycle: Cycle, app: Any) -> None:  # noqa: ANN401 - uvicorn's own ASGI types
        if self._arriving or self.standing:
            super()._start_asgi_task(cycle, app)
            return
        seconds = min(FIRST_PAUSE_SECONDS * 2**self._pauses, LONGEST_PAUSE_SECONDS)
        self._pauses = min(self._pauses + 1, 16)
        self._late_start = self.loop.call_later(seconds, self._start_late, cycle, app)

    def _start_late(self, cycle: Cycle, app: Any) -> None:  # noqa: ANN401 - as above
        self._late_start = None
        super()._start_asgi_task(cycle, app)

    def pause_writing(self) -> None:
        super().pause_writing()
        self._await_reader()

    def resume_writing(self) -> None:
        super().resume_writing()
        if self._unread is not None:
            self._unread.cancel()
            self._unread = None

    def _await_reader(self) -> None:
        left = self.transport.get_write_buffer_size()
        self._unread = self.loop.call_later(UNREAD_SECONDS, self._check_reader, left)

    def _check_reader(self, before: int) -> None:
        if before - self.transport.get_write_buffer_size() < UNREAD_BYTES:
            self.transport.abort()
        else:
            self._await_reader()

    def _make_room(self, transport: asyncio.Transport) -> None:
        """End a connection that asks nothing; else the new one, which would be one too many."""
        spare = next(
            (
                connection
                for connection in self.connections
                if isinstance(connection, Connection) and connection.is_spare
            ),
            None,
        )
        (spare.transport if spare else transport).abort()
