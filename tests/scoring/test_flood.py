"""Requests without a key, as fast as a server takes them, over sockets."""

import socket
from collections.abc import Callable

import pytest

from tests.scoring.serving import Running, say

PIECE = b"GET /x HTTP/1.1\r\nhost: toy\r\n\r\n" * 1500
HEALTH = b"GET / HTTP/1.1\r\nhost: toy\r\nconnection: close\r\n\r\n"


@pytest.fixture(scope="module")
def running(start_shared: Callable[..., Running]) -> Running:
    return start_shared()


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
