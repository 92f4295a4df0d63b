"""Connections whose requests come whole, in pieces, one upon another, or at the end of a server."""

import asyncio
import re

import pytest

from tests.server.wires import RIGHT, Server, Wire, counted, request, row
from workbench.server import complete_requests


def test_a_body_may_come_after_its_head(quick_server: Server) -> None:
    sent = request()
    (answer,) = quick_server.say(sent[: -len(RIGHT)], RIGHT).writes
    assert b'"prediction":41' in answer
    assert quick_server.taken == [True]


def test_a_body_in_pieces_goes_the_common_way(quick_server: Server) -> None:
    sent = request()
    for pieces in ([sent[:-20], sent[-20:-10], sent[-10:]], [sent[: -len(RIGHT)], RIGHT[:9], RIGHT[9:]]):
        assert b'"prediction":41' in b"".join(quick_server.say(*pieces).writes)
    assert quick_server.taken == []


@pytest.mark.parametrize("left", [False, True])
def test_a_body_that_keeps_us_waiting_goes_the_common_way_and_so_does_a_caller_that_leaves(
    left: bool, quick_server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(complete_requests, "WAIT_SECONDS", 60 if left else 0.001)

    async def talk() -> Wire:
        connection, wire = quick_server.connect()
        connection.data_received(request()[: -len(RIGHT)])
        assert not quick_server.state.tasks
        if left:
            connection.connection_lost(ConnectionResetError())
        else:
            while not quick_server.state.tasks:  # noqa: ASYNC110 - uvicorn's own set
                await asyncio.sleep(0.001)
            assert len(quick_server.state.tasks) == 1
            connection.data_received(RIGHT)
        await quick_server.settle()
        return wire

    heard = b"".join(asyncio.run(talk()).writes)
    assert (b'"prediction":41' in heard) is not left
    assert quick_server.taken == []
    status = "left" if left else "200"
    counts = counted(quick_server.metrics)
    assert counts[f'scoring_request_duration_seconds_count{{method="POST",route="/score",status="{status}"}}'] == 1


def test_a_head_in_pieces_makes_no_difference(quick_server: Server) -> None:
    sent = request()
    assert b'"prediction":41' in b"".join(quick_server.say(sent[:20], sent[20:]).writes)
    assert quick_server.taken == [True]


def test_requests_that_come_before_their_turn_are_answered_in_order(quick_server: Server) -> None:
    numbers = range(5)
    sent = b"".join(request(row(age=str(number))) for number in numbers)
    # The last one's head is cut where the first is being answered: it is no reason to take those between.
    wire = quick_server.say(sent[:-100], sent[-100:])
    assert re.findall(rb'"prediction":(\d+)\.0', b"".join(wire.writes)) == [b"%d" % number for number in numbers]
    assert quick_server.taken[0]


def test_a_connection_is_kept_and_counted_as_uvicorn_does(quick_server: Server) -> None:
    async def talk() -> None:
        connection, wire = quick_server.connect()
        for _ in range(3):
            connection.data_received(request())
            await quick_server.settle()
            assert connection.timeout_keep_alive_task is not None
        assert len(wire.writes) == 3
        assert quick_server.state.total_requests == 3
        connection.shutdown()
        assert wire.closed
        connection.connection_lost(None)

    asyncio.run(talk())


def test_the_last_answer_of_a_server_that_ends_says_so(quick_server: Server) -> None:
    async def talk() -> Wire:
        connection, wire = quick_server.connect()
        connection.data_received(request())
        connection.shutdown()
        assert not wire.closed
        await quick_server.settle()
        return wire

    wire = asyncio.run(talk())
    assert quick_server.taken == [True]
    assert wire.closed
    assert b"\r\nconnection: close\r\n\r\n[{" in b"".join(wire.writes)
