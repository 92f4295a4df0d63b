import json
import logging

from scoring.logs import LOG, JsonLines, request_id


def line(record: logging.LogRecord) -> dict[str, object]:
    written = JsonLines().format(record)
    assert "\n" not in written
    document: dict[str, object] = json.loads(written)
    return document


def test_a_line_holds_time_level_event_and_fields() -> None:
    record = LOG.makeRecord(LOG.name, logging.INFO, "", 0, "request", (), None, extra={"fields": {"status": 200}})
    written = line(record)
    assert str(written.pop("time")).endswith("+00:00")
    assert written == {"level": "info", "event": "request", "status": 200}


def test_a_scripts_own_line_carries_its_logger_and_the_request() -> None:
    token = request_id.set("r-1")
    try:
        written = line(
            logging.makeLogRecord({"name": "score", "levelname": "WARNING", "msg": "two\nlines %s", "args": (1,)})
        )
    finally:
        request_id.reset(token)
    assert written["logger"] == "score"
    assert written["request_id"] == "r-1"
    assert written["event"] == "two\nlines 1"


def test_a_traceback_is_a_field() -> None:
    error = ValueError("why")
    found = (ValueError, error, None)
    written = line(logging.makeLogRecord({"name": LOG.name, "msg": "run_failed", "exc_info": found}))
    assert written["traceback"] == "ValueError: why"
