"""Heads that never end, in bytes or in time, over raw sockets to a real server: cut off, while others are answered."""

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.server.serving import Running, say, statuses

pytestmark = pytest.mark.long

EMPTY = b'{"input_df": []}'
LENGTH = b"content-length: 16"
HEALTH = b"GET / HTTP/1.1\r\nhost: toy\r\nconnection: close\r\n\r\n"
BODY_SECONDS = 1
# A header may fill memory once, but not the machine's.
WORST_MIB = 400
# A head without bound held them up for 7 s.
LONGEST_SECONDS_FOR_OTHERS = 3.0


@pytest.fixture(scope="module")
def running(start_shared: Callable[..., Running]) -> Running:
    return start_shared(body_seconds=BODY_SECONDS)


def assert_well(running: Running) -> None:
    assert b"Healthy" in say(running.port, HEALTH)
    assert running.errors() == []


@pytest.mark.parametrize("endless", [b"y" * 50_000_000, b"y: z\r\n" * 5_000_000], ids=["a header", "headers"])
def test_a_head_without_end_is_cut_off_while_others_are_answered(
    endless: bytes, running: Running, head: Callable[..., bytes]
) -> None:
    with ThreadPoolExecutor(1) as threads:
        heard = threads.submit(say, running.port, head(b"x: " + endless))
        slowest = 0.0
        while not heard.done():
            began = time.monotonic()
            assert b"Healthy" in say(running.port, HEALTH)
            slowest = max(slowest, time.monotonic() - began)
    assert statuses(heard.result()) in ([], [431])
    assert slowest < LONGEST_SECONDS_FOR_OTHERS
    assert running.memory("VmHWM") < WORST_MIB
    assert_well(running)


def test_a_head_that_does_not_come_is_a_timeout(running: Running, head: Callable[..., bytes]) -> None:
    for pieces in ((b"POST /score HT",), (head()[:-2], *[b"x: y\r\n"] * 20)):
        assert statuses(say(running.port, *pieces, pause=BODY_SECONDS / 8)) == [408]
    assert_well(running)


@pytest.mark.parametrize("headers", [[b"x: " + b"y" * 1_000_000], [b"x%d: y" % number for number in range(50_000)]])
def test_headers_without_measure_take_no_memory_that_stays(
    headers: list[bytes], running: Running, head: Callable[..., bytes]
) -> None:
    for _ in range(5):
        assert statuses(say(running.port, head(*headers, b"connection: close", LENGTH) + EMPTY)) in (
            [],
            [200],
            [400],
            [431],
        )
    assert running.memory("VmHWM") < WORST_MIB
    assert_well(running)


CHUNKED = b"POST /score HTTP/1.1\r\nhost: toy\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n"


@pytest.mark.parametrize("endless", [b"a:\r\n" * 4_000_000, b"a" * 16_000_000], ids=["headers", "a header"])
def test_headers_behind_a_chunked_body_take_no_memory_without_a_key(endless: bytes, running: Running) -> None:
    before = running.memory()
    heard = say(running.port, CHUNKED + b"\r\n0\r\n" + endless)
    assert set(statuses(heard)) <= {401, 431}
    assert running.memory() - before < 32
    assert_well(running)


def test_a_key_behind_the_body_opens_nothing_and_harms_nothing(running: Running) -> None:
    body = b"10\r\n" + EMPTY + b"\r\n0\r\n"
    late = b"authorization: Bearer " + running.key.encode() + b"\r\n\r\n"
    assert statuses(say(running.port, CHUNKED + b"connection: close\r\n\r\n" + body + late)) == [401]
    right = CHUNKED + b"connection: close\r\nauthorization: Bearer " + running.key.encode() + b"\r\n\r\n"
    assert statuses(say(running.port, right + body + b"authorization: Bearer wrong\r\n\r\n")) == [200]


def test_a_head_of_more_than_a_hundred_lines_is_refused(running: Running, head: Callable[..., bytes]) -> None:
    lines = [b"x%d: y" % number for number in range(101)]
    assert statuses(say(running.port, head(*lines, b"connection: close"))) == [431]
    assert statuses(say(running.port, head(*lines[:80], b"connection: close", LENGTH) + EMPTY)) == [200]
