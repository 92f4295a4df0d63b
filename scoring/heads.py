"""A bound on a request's head, which uvicorn's parser reads to its end however long it is and however slowly it comes.

Bodies have bounds of their own in `exchange`; whoever sends no end of a head never gets that far.
"""

import asyncio
from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# What gateways and browsers hold to is 8 to 16 KiB.
LONGEST_HEAD: Final = 64 * 1024
MOST_HEADERS: Final = 100


class BoundedHead(HttpToolsProtocol):
    """Refuses a head of more than `LONGEST_HEAD` bytes, give or take what one read brings, or that takes too long.

    The first may take as long from the connection's begin.

    A head that comes in one piece, as nearly all do, costs two assignments.
    """

    seconds = 30.0
    _in_head = False
    _in_message = False
    _size = _headers = 0
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._late = self.loop.call_later(self.seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT)

    def on_message_begin(self) -> None:
        self._in_head = self._in_message = True
        self._size = self._headers = 0
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header of the head; one behind a chunked body is dropped, so that no key comes late."""
        if not self._in_head:
            return
        self._headers += 1
        if self._headers > MOST_HEADERS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            return
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.transport.is_closing():
            return
        self._in_head = False
        self._size = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._size = 0
        super().on_body(body)

    def data_received(self, data: bytes) -> None:
        # Of a message that has begun, what is neither in its head nor in its body is headers behind the last chunk.
        if self._in_head or self._in_message:
            self._size += len(data)
            if self._size > LONGEST_HEAD + len(data) * (not self._in_head):
                self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
                return
        super().data_received(data)
        if self._in_head and self._late is None:
            self._late = self.loop.call_later(self.seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT)
        elif not self._in_head and self._late is not None:
            self._forget_timer()

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_timer()
        super().connection_lost(exc)

    def _forget_timer(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: HTTPStatus) -> None:
        self._forget_timer()
        self._in_head = False
        self.transport.write(
            f"HTTP/1.1 {status} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
        )
        self.transport.close()
