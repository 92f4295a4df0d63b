"""A bound on a request's head, which uvicorn's parser reads to its end however long it is and however slowly it comes.

Bodies have bounds of their own in `request`; whoever sends no end of a head never gets that far.
"""

import asyncio
from http import HTTPStatus
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# What gateways and browsers hold to is 8 to 16 KiB.
LONGEST_HEAD: Final = 64 * 1024
MOST_HEADERS: Final = 100
# What the objects of a header take beside its bytes.
HEADER_BYTES: Final = 200
TRANSFER_ENCODING: Final = b"transfer-encoding"


class RefusedError(Exception):
    """The request was refused; the parser stops."""


class BoundedHead(HttpToolsProtocol):
    """Refuses a head of more than `LONGEST_HEAD` bytes, give or take what one read brings, or that takes too long.

    The first may take as long from the connection's begin.

    A head that comes in one piece, as nearly all do, costs two assignments.
    """

    seconds = 30.0
    _in_head = False
    _in_message = False
    _size = _headers = _begun = 0
    _codings: bytes | None = None
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn has it
        super().connection_made(transport)
        self._late = self.loop.call_later(self.seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT)

    def on_message_begin(self) -> None:
        self._in_head = self._in_message = True
        self._size = self._headers = 0
        self._codings = None
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        """Keep a header of the head; one behind a chunked body is dropped, so that no key comes late."""
        if not self._in_head:
            return
        self._headers += 1
        if self._headers > MOST_HEADERS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE)
            raise RefusedError
        if len(name) == len(TRANSFER_ENCODING) and name.lower() == TRANSFER_ENCODING:
            self._codings = value if self._codings is None else self._codings + b"," + value
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        if self.transport.is_closing():
            return
        if self._codings is not None:
            self._check_codings(self._codings)
        self._in_head = False
        self._size = 0
        super().on_headers_complete()

    def _check_codings(self, codings: bytes) -> None:
        """Refuse a body in a coding that we do not know; only `chunked` says where its body ends."""
        *others, last = [coding for each in codings.split(b",") if (coding := each.strip().lower())] or [b""]
        if others or last != b"chunked":
            self._refuse(HTTPStatus.NOT_IMPLEMENTED if last == b"chunked" else HTTPStatus.BAD_REQUEST)
            raise RefusedError

    def on_chunk_header(self) -> None:
        self._size = 1  # the headers behind the last chunk begin, unless a body comes

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
        if self._size <= 1:
            self._begun = len(data)
        if self._in_head and self._late is None:
            self._late = self.loop.call_later(self.seconds, self._refuse, HTTPStatus.REQUEST_TIMEOUT)
        elif not self._in_head and self._late is not None:
            self._forget_timer()

    @property
    def unfinished(self) -> int:
        """At most so many bytes are kept of a head, or of headers behind a body, that has no end yet."""
        if self._in_head:
            return self._begun + self._size + HEADER_BYTES * self._headers
        return self._begun + self._size if self._in_message and self._size else 0

    def send_400_response(self, msg: str) -> None:
        if not self.transport.is_closing():  # or it was refused by us
            super().send_400_response(msg)

    def connection_lost(self, exc: Exception | None) -> None:
        self._forget_timer()
        super().connection_lost(exc)

    def _forget_timer(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _refuse(self, status: HTTPStatus) -> None:
        """Say why and close; close alone while an earlier request waits for its answer, which this would seem to be."""
        earlier = self.pipeline or (self._in_head and self.cycle is not None and not self.cycle.response_complete)
        self._forget_timer()
        self._in_head = False
        if not earlier:
            self.transport.write(
                f"HTTP/1.1 {status} {status.phrase}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n".encode()
            )
        self.transport.close()
