import asyncio
import json
import logging
from collections.abc import Callable
from typing import Any

import pytest

from workbench.server.errors import Code
from workbench.server.logs import LOG, Lines, request_id
from workbench.server.request import Message, Request

Written = tuple[Lines, Callable[[], list[dict[str, Any]]]]


@pytest.fixture
def lines(capsys: pytest.CaptureFixture[str]) -> Written:
    """The handler, and what it wrote since it was last asked."""
    return Lines(), lambda: [json.loads(line) for line in capsys.readouterr().out.split("\n") if line]


def exchange(path: str = "/score", method: str = "POST") -> Request:
    async def receive() -> Message:
        raise AssertionError("nothing is read to be logged")

    async def send(message: Message) -> None:
        raise AssertionError(f"nothing is answered to be logged: {message}")

    made = Request({"method": method, "path": path, "headers": []}, receive, send, 1, 1.0)
    made.status, made.rows = 200, 2
    return made


def test_a_line_holds_time_level_event_and_fields(lines: Written) -> None:
    handler, written = lines
    handler.emit(LOG.makeRecord(LOG.name, logging.INFO, "", 0, "ready", (), None, extra={"fields": {"port": 8000}}))
    (line,) = written()
    assert str(line.pop("time")).endswith("+00:00")
    assert line == {"level": "info", "event": "ready", "port": 8000}


def test_a_scripts_own_line_carries_its_logger_and_the_request(lines: Written) -> None:
    handler, written = lines
    token = request_id.set("r-1")
    try:
        handler.emit(
            logging.makeLogRecord({"name": "score", "levelname": "WARNING", "msg": "two\nlines %s", "args": (1,)})
        )
    finally:
        request_id.reset(token)
    (line,) = written()
    assert (line["logger"], line["request_id"], line["event"]) == ("score", "r-1", "two\nlines 1")


def test_a_traceback_is_a_field(lines: Written) -> None:
    handler, written = lines
    found = (ValueError, ValueError("why"), None)
    handler.emit(logging.makeLogRecord({"name": LOG.name, "msg": "run_failed", "exc_info": found}))
    assert written()[0]["traceback"] == "ValueError: why"


def test_requests_wait_a_moment_and_are_written_together_in_their_order(lines: Written) -> None:
    handler, written = lines

    async def answer_three() -> None:
        for path in ("/a", "/b", "/c"):
            handler.later(exchange(path), 0.0015)
        assert written() == []
        while not told:
            await asyncio.sleep(0.01)
            told.extend(written())

    told: list[dict[str, Any]] = []
    asyncio.run(answer_three())
    assert [line["path"] for line in told] == ["/a", "/b", "/c"]
    assert set(told[0]) == {"time", "level", "event", "request_id", "method", "path", "status", "code", "rows", "ms"}
    assert (told[0]["method"], told[0]["status"], told[0]["rows"], told[0]["ms"]) == ("POST", 200, 2, 1.5)


def test_an_event_comes_after_the_requests_before_it(lines: Written) -> None:
    handler, written = lines

    async def answer_then_stop() -> None:
        handler.later(exchange(), 0.001)
        handler.emit(LOG.makeRecord(LOG.name, logging.INFO, "", 0, "stopped", (), None))

    asyncio.run(answer_then_stop())
    assert [line["event"] for line in written()] == ["request", "stopped"]


def test_a_callers_path_and_method_are_cut_and_stay_on_their_line(lines: Written) -> None:
    handler, written = lines
    refused = exchange("/\n\r\u2028" + "x" * 10_000, "M" * 1000)
    refused.code = Code.NOT_FOUND

    async def answer() -> None:
        handler.later(refused, 0.001)
        handler.flush()

    asyncio.run(answer())
    (line,) = written()
    assert (len(line["path"]), len(line["method"]), line["code"]) == (200, 16, "not_found")
