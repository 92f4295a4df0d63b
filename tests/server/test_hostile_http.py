"""Requests that bend HTTP itself, over raw sockets to a real server: a 4xx or an end, no 5xx, no second body."""

import socket
from collections.abc import Callable

import pytest

from tests.server.serving import Running, say, statuses

pytestmark = pytest.mark.long

EMPTY = b'{"input_df": []}'
CHUNKED = b"transfer-encoding: chunked"
LENGTH = b"content-length: 16"
HEALTH = b"GET / HTTP/1.1\r\nhost: toy\r\nconnection: close\r\n\r\n"
BODY_SECONDS = 1

# What stands in place of the content-length, with the body it has; answered 400 or closed.
BENT: dict[str, tuple[bytes, bytes]] = {
    "a negative length": (b"content-length: -1", EMPTY),
    "a length of 1e3": (b"content-length: 1e3", EMPTY),
    "a length of +16": (b"content-length: +16", EMPTY),
    "a length of 0x10": (b"content-length: 0x10", EMPTY),
    "a length of 30 digits": (b"content-length: " + b"9" * 30, EMPTY),
    "an empty length": (b"content-length: ", EMPTY),
    "two lengths in one": (b"content-length: 16, 16", EMPTY),
    "the same length twice": (LENGTH + b"\r\n" + LENGTH, EMPTY),
    "two lengths": (LENGTH + b"\r\ncontent-length: 17", EMPTY),
    "a length too short": (b"content-length: 3", EMPTY),
    "no length": (b"x: y", EMPTY),
    "length, then chunks": (LENGTH + b"\r\n" + CHUNKED, b"10\r\n" + EMPTY + b"\r\n0\r\n\r\n"),
    "chunks, then length": (CHUNKED + b"\r\ncontent-length: 5", b"10\r\n" + EMPTY + b"\r\n0\r\n\r\n"),
    "chunks not last": (b"transfer-encoding: chunked, identity", b"10\r\n" + EMPTY + b"\r\n0\r\n\r\n"),
    "encodings twice": (CHUNKED + b"\r\ntransfer-encoding: identity", b"10\r\n" + EMPTY + b"\r\n0\r\n\r\n"),
    "an unknown encoding": (b"transfer-encoding: xchunked", b"10\r\n" + EMPTY + b"\r\n0\r\n\r\n"),
    "an encoding with a blank": (b"transfer-encoding : chunked", b"10\r\n" + EMPTY + b"\r\n0\r\n\r\n"),
    "a chunk of no size": (CHUNKED, b"zz\r\n"),
    "a chunk below zero": (CHUNKED, b"-1\r\n"),
    "a chunk of 2^68 bytes": (CHUNKED, b"FFFFFFFFFFFFFFFFF\r\n"),
    "a chunk longer than told": (CHUNKED, b"2\r\n" + EMPTY + b"\r\n0\r\n\r\n"),
    "a length in the trailer": (CHUNKED, b"10\r\n" + EMPTY + b"\r\n0\r\ncontent-length: 3\r\n\r\n"),
    "a header of no name": (b": y\r\n" + LENGTH, EMPTY),
    "a header of two words": (b"a b: c\r\n" + LENGTH, EMPTY),
    "a header with no colon": (b"abc\r\n" + LENGTH, EMPTY),
    "a NUL in a header": (b"x: \x00\r\n" + LENGTH, EMPTY),
    "a bare newline in a header": (b"x: a\nauthorization: Bearer x\r\n" + LENGTH, EMPTY),
    "a bare return in a header": (b"x: a\rb\r\n" + LENGTH, EMPTY),
    "a folded header": (b"x: y\r\n content-length: 16", EMPTY),
    "a folded request id": (b"x-request-id: a\r\n b\r\n" + LENGTH, EMPTY),
    "another protocol": (b"connection: upgrade\r\nupgrade: websocket\r\n" + LENGTH, EMPTY),
    "HTTP/2 in the clear": (
        b"connection: upgrade, http2-settings\r\nupgrade: h2c\r\nhttp2-settings: AA\r\n" + LENGTH,
        EMPTY,
    ),
}
UNPARSABLE: dict[str, bytes] = {
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(500),
    "HTTP/2": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    "an unknown method": b"FOO / HTTP/1.1\r\n\r\n",
    "a method in small letters": b"get / HTTP/1.1\r\n\r\n",
    "a NUL in the method": b"GET\x00 / HTTP/1.1\r\n\r\n",
    "no target": b"GET  HTTP/1.1\r\n\r\n",
    "a target with a blank": b"GET / / HTTP/1.1\r\n\r\n",
    "a target with no slash": b"GET score HTTP/1.1\r\n\r\n",
    "a backslash": b"GET \\score HTTP/1.1\r\n\r\n",
    "raw bytes in the target": b"GET /\xff HTTP/1.1\r\n\r\n",
    "an address that is none": b"GET http://[::1/ HTTP/1.1\r\n\r\n",
    "a target of 100,000 bytes": b"GET /" + b"x" * 100_000 + b" HTTP/1.1\r\n\r\n",
    "no version": b"GET / HTTP\r\n\r\n",
    "a version to come": b"GET / HTTP/3.1\r\n\r\n",
    "a version in small letters": b"GET / http/1.1\r\n\r\n",
    "noise": bytes(range(1, 256)) * 20,
}
NOWHERE = [
    b"//score", b"/./score", b"/../score", b"/%2e%2e/score", b"/%2e%2e%2fscore", b"/score/", b"/score%2f", b"/score%00",
    b"/score;x", b"/SCORE", b"/%ff", b"/%zz", b"/%", b"*", b"//x:y@toy/score", b"/score%0d%0ax-request-id:%20a",
    b"/v2/models/%2e%2e/infer", b"/v2/models/toy%2fx/infer", b"/v2/models/toy/../toy/infer", b"/v2/models/toy%0a/infer",
    b"/v2/models/%ed%a0%80/infer", b"/v2/models/toy/versions/7%00/infer", b"/v2/models//infer", b"/v2//models/toy",
    b"/v2/models/toy/versions/07/infer", b"/v2/models/toy/versions/%d9%a7/infer",
    b"/v2/models/" + b"x" * 50_000 + b"/infer",
]  # fmt: skip


@pytest.fixture(scope="module")
def running(start_shared: Callable[..., Running]) -> Running:
    return start_shared(body_seconds=BODY_SECONDS)


def assert_well(running: Running) -> None:
    assert b"Healthy" in say(running.port, HEALTH)
    assert running.errors() == []


@pytest.mark.parametrize("name", BENT)
def test_a_body_of_doubtful_length_is_refused_once(name: str, running: Running, head: Callable[..., bytes]) -> None:
    headers, body = BENT[name]
    heard = say(running.port, head(headers, b"connection: close") + body)
    assert statuses(heard) in ([], [400])
    assert_well(running)


@pytest.mark.parametrize("name", UNPARSABLE)
def test_what_is_no_http_is_refused(name: str, running: Running) -> None:
    assert statuses(say(running.port, UNPARSABLE[name])) in ([], [400])
    assert_well(running)


@pytest.mark.parametrize("target", NOWHERE)
def test_a_path_has_one_spelling(target: bytes, running: Running, head: Callable[..., bytes]) -> None:
    closing = (b"connection: close", LENGTH)
    assert statuses(say(running.port, head(*closing, target=target) + EMPTY)) == [404]
    assert statuses(say(running.port, head(*closing, target=target, key="wrong") + EMPTY)) == [401]
    assert_well(running)


@pytest.mark.parametrize("target", [b"/score?x=%00", b"/score#f", b"/%73core", b"http://elsewhere/score"])
def test_the_same_path_is_behind_the_same_door(target: bytes, running: Running, head: Callable[..., bytes]) -> None:
    closing = (b"connection: close", LENGTH)
    assert statuses(say(running.port, head(*closing, target=target) + EMPTY)) == [200]
    assert statuses(say(running.port, head(*closing, target=target, key="wrong") + EMPTY)) == [401]


@pytest.mark.parametrize("method", [b"GET", b"HEAD", b"PUT", b"DELETE", b"OPTIONS", b"TRACE", b"CONNECT", b"PROPFIND"])
def test_another_method_is_refused_and_never_echoed(
    method: bytes, running: Running, head: Callable[..., bytes]
) -> None:
    heard = say(running.port, head(b"connection: close", b"x-mine: zyx", LENGTH, method=method) + EMPTY)
    assert statuses(heard) == [405]
    assert b"allow: POST\r\n" in heard
    assert b"zyx" not in heard
    assert_well(running)


@pytest.mark.parametrize(
    "content_type",
    [b"text/plain", b"", b"application/json; charset=utf-16", b"application/json, text/html", b"\xff/\x80"],
)
def test_another_content_type_is_unsupported(content_type: bytes, running: Running) -> None:
    request = b"POST /score HTTP/1.1\r\nhost: toy\r\nconnection: close\r\nauthorization: Bearer " + running.key.encode()
    heard = say(running.port, request + b"\r\ncontent-type: " + content_type + b"\r\n" + LENGTH + b"\r\n\r\n" + EMPTY)
    assert statuses(heard) == [415]
    assert_well(running)


@pytest.mark.parametrize("twice", [b"authorization: Bearer x", b"content-type: application/json"])
def test_a_header_that_decides_stands_once(twice: bytes, running: Running, head: Callable[..., bytes]) -> None:
    assert statuses(say(running.port, head(b"connection: close", twice, LENGTH) + EMPTY)) in ([401], [415])


@pytest.mark.parametrize("given", [b"a b", b"a\tb", b'a"b', b"\xff", b"../x", b"<script>", b"x" * 65, b"x" * 60_000])
def test_a_bad_request_id_never_comes_back(given: bytes, running: Running, head: Callable[..., bytes]) -> None:
    heard = say(running.port, head(b"connection: close", b"x-request-id: " + given, LENGTH) + EMPTY)
    assert statuses(heard) == [200]
    assert given not in heard


def test_a_body_that_does_not_come_is_a_timeout(running: Running, head: Callable[..., bytes]) -> None:
    for pieces in (
        (head(b"content-length: 99"), b"{"),
        (head(b"content-length: 99"), *[b"{"] * 20),
        (head(CHUNKED), b"10\r\n" + EMPTY),
        (head(CHUNKED), *[b"1\r\n \r\n"] * 20),
    ):
        heard = say(running.port, *pieces, pause=BODY_SECONDS / 8)
        assert statuses(heard) == [408]
        assert b"connection: close" in heard
    assert_well(running)


@pytest.mark.parametrize("size", [0x100000, 0x40])
def test_what_is_left_of_a_refused_body_is_no_request(size: int, running: Running, head: Callable[..., bytes]) -> None:
    inner = b"\r\n\r\nGET /healthz/live HTTP/1.1\r\nhost: toy\r\n\r\n".ljust(size)
    count = 9 * 0x100000 // size
    chunks = b"%x\r\n%s\r\n" % (size, inner) * count + b"0\r\n\r\n"
    for request in (head(CHUNKED) + chunks, head(b"content-length: %d" % (size * count)) + inner * count):
        heard = say(running.port, request + HEALTH)
        assert statuses(heard) in ([413, 200], [413], [408], [408, 200])
        assert b"Alive" not in heard
    assert_well(running)


def test_a_body_told_too_large_is_refused_before_it_comes(running: Running, head: Callable[..., bytes]) -> None:
    with socket.create_connection(("127.0.0.1", running.port), timeout=60) as connection:
        connection.sendall(head(b"content-length: 9223372036854775807"))
        assert statuses(connection.recv(65536)) == [413]
    assert_well(running)


def test_a_body_in_single_bytes_is_read(running: Running, head: Callable[..., bytes]) -> None:
    chunks = b"".join(b"1\r\n%c\r\n" % byte for byte in EMPTY) + b"0\r\n\r\n"
    assert statuses(say(running.port, head(CHUNKED, b"connection: close") + chunks)) == [200]


def test_requests_in_a_row_are_answered_in_their_order(running: Running, head: Callable[..., bytes]) -> None:
    good, wrong = head(LENGTH) + EMPTY, head(LENGTH, key="wrong") + EMPTY
    heard = say(running.port, (good + wrong) * 100 + HEALTH)
    assert statuses(heard) == [200, 401] * 100 + [200]
    assert_well(running)
