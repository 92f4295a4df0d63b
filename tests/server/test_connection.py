"""What one connection may cost, in requests, bytes and time."""

import asyncio
from collections.abc import Callable

import pytest

from tests.server.connections import FOREVER, KEYLESS, PIECE, REFUSED, answers, connected, turns
from tests.server.serving import statuses
from tests.server.wires import RIGHT, Server, request, row
from workbench.server import connection
from workbench.server.connection import MOST_HEADS, WAITING_BYTES, Connection


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Change bounds of a connection by name."""

    def change(**bounds: float) -> None:
        for name, value in bounds.items():
            monkeypatch.setattr(connection, name, value)

    return change


def test_reading_pauses_while_requests_wait_for_their_turn(
    quick_server: Server, impatient: Callable[..., None]
) -> None:
    impatient(FIRST_PAUSE_SECONDS=FOREVER, LONGEST_PAUSE_SECONDS=FOREVER)

    async def talk() -> None:
        made, wire = connected(quick_server)
        made.data_received(PIECE)
        await turns(lambda: len(answers(wire)) == 1)
        for _ in range(100):
            await asyncio.sleep(0)
            assert len(made.pipeline) <= MOST_HEADS
            assert len(quick_server.state.tasks) <= 1
            assert wire.paused
        assert answers(wire) == [401]
        assert made.held.size <= len(PIECE) + MOST_HEADS * (len(KEYLESS) + WAITING_BYTES)
        made.connection_lost(None)
        assert made.held.size == 0

    asyncio.run(talk())


def test_all_that_came_before_its_turn_is_answered_and_then_reading_goes_on(
    quick_server: Server, impatient: Callable[..., None]
) -> None:
    impatient(FIRST_PAUSE_SECONDS=0.0, LONGEST_PAUSE_SECONDS=0.0)
    count = 20 * MOST_HEADS

    async def talk() -> None:
        made, wire = connected(quick_server)
        made.data_received(count * KEYLESS + KEYLESS[:10])
        await turns(lambda: len(answers(wire)) == count and not made.is_full)
        assert answers(wire) == count * [401]
        assert not wire.paused
        made.data_received(KEYLESS[10:])
        await turns(lambda: len(answers(wire)) == count + 1)
        made.connection_lost(None)

    asyncio.run(talk())


@pytest.mark.parametrize("quickly", [True, False])
def test_a_caller_with_a_key_may_send_many_requests_at_once_and_waits_for_none(
    quickly: bool, quick_server: Server, impatient: Callable[..., None]
) -> None:
    impatient(FIRST_PAUSE_SECONDS=FOREVER, LONGEST_PAUSE_SECONDS=FOREVER)

    async def talk() -> list[bytes]:
        made, wire = connected(quick_server, quickly=quickly)
        made.data_received(b"".join(request(row(age=str(number))) for number in range(200)))
        await turns(lambda: b"".join(wire.writes).count(b"prediction") == 200)
        made.connection_lost(None)
        return b"".join(wire.writes).split(b'"prediction":')[1:]

    assert [float(each.partition(b",")[0].partition(b"}")[0]) for each in asyncio.run(talk())] == [*range(200)]


def test_a_body_that_looks_like_the_ends_of_many_heads_comes_whole(quick_server: Server) -> None:
    body = RIGHT[:-1] + b"\r\n\r\n" * 5_000 + b"}"
    for pieces in ([request(body)], [request(body)[:9_000], request(body)[9_000:]], [request(body) + request()]):
        heard = b"".join(quick_server.say(*pieces).writes)
        assert heard.count(b'"prediction":41') == statuses(heard).count(200) == b"".join(pieces).count(b"POST")


@pytest.mark.parametrize("bound", ["seconds", "bytes"])
def test_a_refused_body_has_bounds_of_its_own(bound: str, quick_server: Server, impatient: Callable[..., None]) -> None:
    impatient(**{"LINGER_SECONDS": 0.01} if bound == "seconds" else {"LINGER_BYTES": 5})

    async def talk() -> None:
        made, wire = connected(quick_server)
        made.data_received(REFUSED)
        await turns(lambda: answers(wire) == [401])
        for _ in range(5):
            made.data_received(b"x")
        assert not wire.closed
        if bound == "bytes":
            made.data_received(b"x")
        await turns(lambda: wire.closed)
        made.connection_lost(None)

    asyncio.run(talk())


def test_a_refused_body_that_comes_in_time_leaves_a_connection_for_the_next_request(quick_server: Server) -> None:
    async def talk() -> None:
        made, wire = connected(quick_server)
        made.data_received(REFUSED)
        await turns(lambda: answers(wire) == [401])
        made.data_received(b"x" * 1000)
        assert made.timeout_keep_alive_task is not None
        made.data_received(request())
        await turns(lambda: answers(wire) == [401, 200])
        assert made._lingering is None
        made.connection_lost(None)

    asyncio.run(talk())


def test_a_connection_that_says_nothing_is_ended(quick_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Connection, "seconds", 0.01)

    async def talk() -> None:
        config = quick_server.configuration()
        monkeypatch.setattr(config.http_protocol_class, "seconds", 0.01)
        made, wire = connected(quick_server, config=config)
        await turns(lambda: wire.closed)
        assert answers(wire) == [408]
        made.connection_lost(None)

    asyncio.run(talk())


def test_empty_lines_between_requests_do_not_keep_a_connection(quick_server: Server) -> None:
    async def talk() -> None:
        made, wire = connected(quick_server)
        for sent in (b"", request()):
            made.data_received(sent)
            await turns(lambda: not quick_server.state.tasks and not quick_server.quick.waiting)
            made.data_received(b"\r\n")
            assert made.timeout_keep_alive_task is not None
        made.timeout_keep_alive_handler()
        assert wire.closed
        made.connection_lost(None)

    asyncio.run(talk())


@pytest.mark.parametrize(("left", "ended"), [(100_000, True), (90_000, True), (50_000, False), (0, False)])
def test_an_answer_that_nobody_reads_ends_its_connection(
    left: int, ended: bool, quick_server: Server, impatient: Callable[..., None]
) -> None:
    impatient(UNREAD_SECONDS=0.0)

    async def talk() -> bool:
        made, wire = connected(quick_server)
        wire.unread = 100_000
        made.pause_writing()
        wire.unread = left
        if not left:
            made.resume_writing()
        impatient(UNREAD_SECONDS=FOREVER)
        for _ in range(3):
            await asyncio.sleep(0.001)
        closed = wire.closed
        made.connection_lost(None)
        return closed

    assert asyncio.run(talk()) is ended


def test_one_connection_too_many_takes_the_place_of_one_that_asks_nothing(
    quick_server: Server, impatient: Callable[..., None]
) -> None:
    impatient(MOST_CONNECTIONS=3)

    async def talk() -> None:
        (good, good_wire), (bad, bad_wire) = connected(quick_server), connected(quick_server)
        good.data_received(request())
        await turns(lambda: answers(good_wire) == [200])
        busy, busy_wire = connected(quick_server)
        busy.data_received(request()[:-5])
        _, new = connected(quick_server)
        assert [each.closed for each in (good_wire, bad_wire, busy_wire, new)] == [False, True, False, False]
        bad.connection_lost(None)
        new.closed = True
        _, newest = connected(quick_server)
        assert [each.closed for each in (good_wire, busy_wire, newest)] == [False, False, False]

    asyncio.run(talk())
