"""The quick way and the common way answer the same."""

import asyncio
import json
import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.server.serving import KEY, OTHER_KEY, SCHEMA, SCRIPT, write_folder
from tests.server.wires import MAX_BODY_BYTES, RIGHT, Server, Wire, counted, request, row
from workbench.server import logs
from workbench.server.fast_path import QUICK_BYTES
from workbench.server.lifecycle import Lifecycle
from workbench.server.pool import Pool

SCALING = SCRIPT.with_name("scaling.py")
MADE_ID = re.compile(rb"[0-9a-f]{32}")


@pytest.fixture
def server(quick_server: Server) -> Server:
    return quick_server


@pytest.fixture
def make_scaling(tmp_path: Path) -> Callable[[], Path]:
    return lambda: write_folder(tmp_path / "scaling", SCALING, SCHEMA)


@pytest.fixture
def written(capsys: pytest.CaptureFixture[str]) -> Callable[[], list[dict[str, Any]]]:
    """What was logged since it was last asked, but for times, and for ids that were made."""

    def read() -> list[dict[str, Any]]:
        logs.HANDLER.flush()
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        return [{key: each for key, each in line.items() if key not in ("time", "ms")} for line in lines]

    return read


TAKEN: dict[str, bytes] = {
    "one row": request(),
    "three rows": request(b'{"input_df": [' + b",".join(3 * [b'{"state": "WA", "age": 1}']) + b"]}"),
    "no row": request(b'{"input_df": []}'),
    "the other key": request(authorization=f"bearer {OTHER_KEY}"),
    "an id": request(x_request_id="r-1"),
    "an id that is none": request(x_request_id="a b"),
    "a charset": request(content_type="Application/JSON; charset=UTF-8"),
    "the address that callers know": request(line=b"POST /api/v1/service/toy/score HTTP/1.1"),
    "a query": request(line=b"POST /score?x=1 HTTP/1.1"),
    "another spelling of the path": request(line=b"POST /%73core HTTP/1.1"),
    "chunks": request(b"")[: -len(b"content-length: 0\r\n\r\n")]
    + b"transfer-encoding: chunked\r\n\r\n2a\r\n" + RIGHT + b"\r\n0\r\n\r\n",
}  # fmt: skip
NOT_TAKEN: dict[str, bytes] = {
    "an escape": request(row(state="\\u0057A")),
    "a text for a number": request(row(age='"41"')),
    "a column too many": request(b'{"input_df": [{"age": 41, "state": "WA", "more": 1}]}'),
    "a key twice": request(b'{"input_df": [{"age": 41, "age": 41, "state": "WA"}]}'),
    "no JSON": request(b"{"),
    "no body": request(b""),
    "no key": request(authorization=""),
    "a wrong key": request(authorization="Bearer wrong"),
    "two keys": request(RIGHT, b"authorization: Bearer " + KEY.encode()),
    "a text": request(content_type="text/plain"),
    "a coding": request(content_encoding="gzip"),
    "no coding, said so": request(content_encoding="identity"),
    "another path": request(line=b"POST /scores HTTP/1.1"),
    "another method": request(line=b"PUT /score HTTP/1.1"),
    "health": b"GET / HTTP/1.1\r\nhost: toy\r\n\r\n",
    "a large body": request(row(state="W" * 9_000).ljust(QUICK_BYTES + 1)),
    "a body too large": request(row(state="W" * 9_000).ljust(MAX_BODY_BYTES + 1)),
}
CHUNKS = b"2a\r\n" + RIGHT + b"\r\n0\r\n\r\n"


def coded(*codings: str) -> bytes:
    lines = b"".join(f"transfer-encoding: {coding}\r\n".encode() for coding in codings)
    return request(b"")[: -len(b"content-length: 0\r\n\r\n")] + lines + b"\r\n" + CHUNKS


NOT_OFFERED: dict[str, bytes] = {
    "an unknown transfer coding": coded("gzip, chunked"),
    "chunks not last": coded("chunked, gzip"),
    "the last of its connection": request(connection="close"),
    "an old protocol": request(line=b"POST /score HTTP/1.0"),
    "a caller that waits for a word": request(expect="100-continue"),
}
TAKEN_IN_VAIN: dict[str, bytes] = {
    "a script that fails": request(row(state="raise")),
    "an answer that JSON can't hold": request(row(state="odd")),
}


@pytest.mark.parametrize(
    ("name", "taken"),
    [
        *((name, [True]) for name in TAKEN),
        *((name, [False]) for name in NOT_TAKEN),
        *((name, []) for name in NOT_OFFERED),
        *((name, [True]) for name in TAKEN_IN_VAIN),
    ],
)
def test_both_ways_answer_count_and_log_the_same(
    name: str, taken: list[bool], server: Server, written: Callable[[], list[dict[str, Any]]]
) -> None:
    sent = (TAKEN | NOT_TAKEN | NOT_OFFERED | TAKEN_IN_VAIN)[name]
    written()
    told: list[Any] = []
    for quickly in (False, True):
        before = counted(server.metrics)
        wire = server.say(sent, quickly=quickly)
        after = counted(server.metrics)
        counts = {key: number - before.get(key, 0) for key, number in after.items() if number != before.get(key)}
        lines = [{key: MADE_ID.sub(b"", str(each).encode()) for key, each in line.items()} for line in written()]
        told.append((MADE_ID.sub(b"", b"".join(wire.writes)), wire.closed, counts, lines))
    assert told[0] == told[1]
    assert server.taken == taken
    assert not server.quick.waiting


@pytest.mark.parametrize(
    ("codings", "status"),
    [
        (["chunked"], b"200"),
        (["Chunked"], b"200"),
        ([" , chunked"], b"200"),
        (["gzip, chunked"], b"501"),
        (["gzip,Chunked"], b"501"),
        (["gzip", "chunked"], b"501"),
        (["identity, chunked"], b"501"),
        (["xchunked, chunked"], b"501"),
        (["chunked, gzip"], b"400"),
        (["chunked", "gzip"], b"400"),
        (["chunked, chunked"], b"400"),
        (["gzip"], b"400"),
        (["identity"], b"400"),
        (["xchunked"], b"400"),
        (["chunked;q=1"], b"400"),
        ([""], b"400"),
    ],
)
def test_a_transfer_coding_that_is_not_known_is_refused_on_every_way(
    codings: list[str], status: bytes, server: Server
) -> None:
    sent = coded(*codings)
    for pieces in ([sent], [sent[:-20], sent[-20:]], [sent[: -len(CHUNKS)], CHUNKS], [sent[:60], sent[60:]]):
        for quickly in (False, True):
            wire = server.say(*pieces, quickly=quickly)
            assert b"".join(wire.writes).count(b"HTTP/1.1 ") == 1
            assert wire.writes[0][9:12] == status
            assert (b"connection: close" in wire.writes[0]) is (status != b"200")


def test_a_refused_head_is_no_answer_to_the_request_before_it(server: Server) -> None:
    assert not server.say(request() + coded("gzip, chunked")).writes


@pytest.mark.parametrize("name", TAKEN)
def test_what_is_taken_is_answered_by_one_write(name: str, server: Server) -> None:
    (answer,) = server.say(TAKEN[name]).writes
    assert answer.startswith(b"HTTP/1.1 200 OK\r\ndate: today\r\ncontent-type: application/json\r\n")


def test_taken_are_no_more_than_there_is_room_for_and_they_count_as_in_flight(server: Server) -> None:
    async def talk() -> list[bytes]:
        connections = [server.connect() for _ in range(4)]
        for connection, _ in connections:
            connection.data_received(request())
        assert server.quick.waiting == 2
        await server.settle()
        return [wire.writes[0][:12] for _, wire in connections]

    # The pool of these tests has room for two. The others come when these are answered.
    assert asyncio.run(talk()) == 4 * [b"HTTP/1.1 200"]
    assert server.taken == [True, True, False, False]


def test_a_callers_answer_is_its_own_beside_one_whose_row_fails(
    server: Server, serve_folder: Callable[..., None], make_scaling: Callable[[], Path]
) -> None:
    serve_folder(make_scaling())

    async def talk() -> list[bytes]:
        (good, answers), (bad, _) = server.connect(), server.connect()
        for _ in range(100):
            good.data_received(request(row(age="50.0")))
            bad.data_received(request(row(age="50.0", state="raise")))
            await server.settle()
        return answers.writes

    answers = asyncio.run(talk())
    assert len(answers) == 100
    assert {json.loads(answer.partition(b"\r\n\r\n")[2])[0]["prediction"] for answer in answers} == {0.5}


def test_when_all_places_are_taken_the_next_is_refused(server: Server, pool: Pool) -> None:
    pool.enter()
    pool.enter()
    assert server.say(request()).writes[0].startswith(b"HTTP/1.1 503")
    pool.leave()
    assert server.say(request()).writes[0].startswith(b"HTTP/1.1 200")
    assert server.taken == [False, True]


@pytest.mark.parametrize("state", ["WA", "raise"])
def test_a_caller_that_left_gives_its_place_back(state: str, server: Server) -> None:
    async def talk() -> Wire:
        connection, wire = server.connect()
        connection.data_received(request(row(state=state)))
        wire.closed = True
        connection.connection_lost(ConnectionResetError())
        await server.settle()
        return wire

    for _ in range(5):
        assert asyncio.run(talk()).writes == []
    assert server.say(request()).writes[0].startswith(b"HTTP/1.1 200")


@pytest.mark.parametrize("change", [Lifecycle.drain, lambda lifecycle: setattr(lifecycle, "service", None)])
def test_nothing_is_taken_but_by_a_server_that_is_ready(
    change: Callable[[Lifecycle], None], server: Server, lifecycle: Lifecycle
) -> None:
    change(lifecycle)
    server.say(request())
    assert server.taken == [False]


def test_a_line_of_the_script_bears_the_id_of_its_request(
    server: Server, written: Callable[[], list[dict[str, Any]]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(logging.getLogger("score"), "handlers", [logs.HANDLER])
    server.say(request(row(state="log"), x_request_id="r-1"), request(row(state="log"), x_request_id="r-2"))
    lines = [(line["event"], line["request_id"]) for line in written() if line.get("logger") == "score"]
    assert lines == [("seen", "r-1"), ("seen", "r-2")]
    assert server.taken == [True, True]
    assert logs.request_id.get() is None
