"""What all connections without a key may hold together."""

import asyncio
from collections.abc import Callable

import pytest

from tests.server.connections import FOREVER, KEYLESS, PIECE, REFUSED, answers, connected, lose, turns
from tests.server.wires import Server, request
from workbench.server import connection, held
from workbench.server.head_limit import HEADER_BYTES


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change bounds of a connection by name."""

    def change(**bounds: float) -> None:
        for name, value in bounds.items():
            monkeypatch.setattr(connection, name, value)

    return change


def test_connections_without_a_key_hold_no_more_together_than_one_may(
    quick_server: Server, impatient: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "MOST_HELD_BYTES", 3 * len(PIECE))
    impatient(FIRST_PAUSE_SECONDS=FOREVER, LONGEST_PAUSE_SECONDS=FOREVER)

    async def talk() -> None:
        config = quick_server.configuration()
        made = [connected(quick_server, config=config) for _ in range(5)]
        for each, _ in made:
            each.data_received(PIECE)
            lose(*made)
        assert sum(wire.closed for _, wire in made) == 3
        for _, wire in made:
            wire.close()
        lose(*made)
        assert made[0][0].held.size == 0

    asyncio.run(talk())


UNFINISHED = b"GET / HTTP/1.1\r\nhost: toy\r\nx: " + b"y" * 40_000
TRAILER = REFUSED.replace(b"content-length: 1000", b"transfer-encoding: chunked") + b"0\r\nx: " + b"y" * 40_000
LINES = b"GET / HTTP/1.1\r\n" + b"x: y\r\n" * 99


@pytest.mark.parametrize(
    "pieces",
    [[UNFINISHED], [UNFINISHED[:20_000], UNFINISHED[20_000:]], [TRAILER], [LINES]],
    ids=["one read", "two reads", "behind a body", "many lines"],
)
def test_unfinished_heads_hold_no_more_together_than_they_may_and_the_largest_ends_first(
    pieces: list[bytes], quick_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    largest = max(len(b"".join(pieces)), HEADER_BYTES * LINES.count(b"x:"))
    monkeypatch.setattr(held, "MOST_HELD_BYTES", 5 * largest // 2)

    async def talk() -> None:
        config = quick_server.configuration()
        good, good_wire = connected(quick_server, config=config)
        good.data_received(request()[:100])
        made = [connected(quick_server, config=config) for _ in range(20)]
        for each, _ in made:
            for piece in pieces:
                each.data_received(piece)
                lose(*made)
                await turns(lambda: not quick_server.state.tasks)
        assert sum(not wire.closed for _, wire in made) == 2
        assert good.held.size <= 5 * largest // 2
        good.data_received(request()[100:])
        await turns(lambda: answers(good_wire) == [200])
        for _, wire in [(good, good_wire), *made]:
            wire.close()
        lose((good, good_wire), *made)
        assert good.held.size == 0

    asyncio.run(talk())


def test_an_unfinished_head_of_a_caller_with_a_key_is_not_counted(quick_server: Server) -> None:
    async def talk() -> None:
        made, wire = connected(quick_server)
        made.data_received(request())
        await turns(lambda: answers(wire) == [200])
        made.data_received(UNFINISHED)
        assert made.held.size == 0
        made.connection_lost(None)

    asyncio.run(talk())


@pytest.mark.parametrize("sent", [request(), KEYLESS, request(authorization="")], ids=["taken", "no body", "refused"])
def test_a_connection_keeps_nothing_of_a_request_that_was_answered(sent: bytes, quick_server: Server) -> None:
    async def talk() -> None:
        made, wire = connected(quick_server)
        for count in (1, 2):
            made.data_received(sent)
            await turns(lambda count=count: len(answers(wire)) == count and not quick_server.state.tasks)  # type: ignore[misc] # the default is the count
            kept: list[object] = [made.url, made.headers, made.cycle.body, made.scope, made.cycle.scope]
            assert not any(kept)
        made.connection_lost(None)

    asyncio.run(talk())


def test_requests_without_a_key_that_wait_do_not_hold_up_the_end_of_a_server(quick_server: Server) -> None:
    async def talk() -> None:
        made, wire = connected(quick_server)
        made.data_received(PIECE)
        made.shutdown()
        assert wire.closed
        made.connection_lost(None)

    asyncio.run(talk())
