"""Requests without a key, as fast as a server takes them, over sockets."""

import resource
import socket
from collections.abc import Callable, Iterator

import pytest

from tests.server.serving import Running, say
from tests.waiting import until

PIECE = b"GET /x HTTP/1.1\r\nhost: toy\r\n\r\n" * 1500
HEALTH = b"GET / HTTP/1.1\r\nhost: toy\r\nconnection: close\r\n\r\n"


UNFINISHED = b"GET / HTTP/1.1\r\nhost: toy\r\nx: " + b"y" * 60 * 1024
CALLERS = 2500
# What they may hold, and what the connections that hold it take beside it.
MOST_MIB = 32 + 16


@pytest.fixture(scope="module")
def running(start_shared: Callable[..., Running]) -> Iterator[Running]:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    yield start_shared()
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_callers_who_send_as_much_as_they_can_take_no_memory_and_hold_up_nobody(running: Running) -> None:
    callers = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(100)]
    assert b"Healthy" in say(running.port, HEALTH)
    before, sent = running.memory(), 0
    for caller in callers:
        caller.setblocking(False)  # noqa: FBT003 - the socket's own
        try:
            for _ in range(1000):
                sent += caller.send(PIECE)
        except (BlockingIOError, ConnectionError):
            pass
    assert b"Healthy" in say(running.port, HEALTH)
    assert running.memory("VmHWM") - before < 64
    assert sent > 20 * len(PIECE)
    for caller in callers:
        caller.close()
    assert running.errors() == []


@pytest.mark.parametrize("end", [b"", b"\r\n\r\n"], ids=["unfinished", "answered"])
def test_heads_of_many_connections_take_no_more_memory_than_they_may_together(end: bytes, running: Running) -> None:
    callers = [socket.create_connection(("127.0.0.1", running.port)) for _ in range(CALLERS)]
    assert b"Healthy" in say(running.port, HEALTH)
    before = running.memory()
    slow = socket.create_connection(("127.0.0.1", running.port))
    slow.sendall(HEALTH[:-2])
    for caller in callers:
        caller.sendall(UNFINISHED + end)
        if end:
            assert caller.recv(12) == b"HTTP/1.1 200"
    assert b"Healthy" in say(running.port, HEALTH)
    slow.sendall(HEALTH[-2:])
    assert slow.recv(12) == b"HTTP/1.1 200", "a small head that comes slowly is not ended for the large ones"
    until(lambda: running.memory() - before < MOST_MIB, say=lambda: f"it grew by {running.memory() - before} MiB")
    for caller in (*callers, slow):
        caller.close()
    assert running.errors() == []
