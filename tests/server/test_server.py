"""The application over HTTP, in this process."""

import json
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from workbench.server.lifecycle import Lifecycle
from workbench.server.logs import HANDLER

Ask = Callable[..., httpx.Response]

ROW = {"age": 31.5, "state": "WA"}
ANSWER = {"prediction": 31.5, "weights": "heavy", "model": "toy", "version": 7}

MALFORMED = [
    b"",
    b" ",
    b"{",
    b"null",
    b"true",
    b"[]",
    b'"input_df"',
    b"{}",
    b"{'input_df': []}",
    b'{"input_df": [}',
    b'{"input_df": [],}',
    b'{"input_df": []} {}',
    b'{"input_df": [] /* rows */}',
    b'{"input_df": NaN}',
    b'{"input_df": [{"age": Infinity, "state": "WA"}]}',
    b'{"input_df": [{"age": 1e999, "state": "WA"}]}',
    b'{"input_df": [{"age": 01, "state": "WA"}]}',
    b'{"input_df": [{"age": 1, "state": "\\ud800"}]}',
    b'{"input_df": [{"age": 1, "state": "\x00"}]}',
    b'{"input_df": [{"age": 1, "state": "\xff"}]}',
    b'\xef\xbb\xbf{"input_df": []}',
    '{"input_df": []}'.encode("utf-16"),
    b"[" * 4000,
    b'{"input_df":' * 300,
    b'{"input_df": ' + b"[" * 1500 + b"]" * 1500 + b"}",
    b"\x80\x04\x95.",
    b'{"input_df": null}',
    b'{"input_df": {}}',
    b'{"input_df": [null]}',
    b'{"input_df": [[1, "WA"]]}',
    b'{"input_df": [{}]}',
    b'{"input_df": [{"age": 1}]}',
    b'{"input_df": [{"age": 1, "state": "WA", "State": "WA"}]}',
    b'{"input_df": [], "other": []}',
    b'{"Input_df": []}',
]


def code(answer: httpx.Response) -> str:
    error = answer.json()["error"]
    assert error.keys() - {"details"} == {"code", "message", "request_id"}
    assert error["request_id"] == answer.headers["x-request-id"]
    assert "\n" not in error["message"]
    return str(error["code"])


def test_every_row_is_answered_with_its_model(score: Ask) -> None:
    answer = score(json={"input_df": [ROW, ROW]})
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == [ANSWER, ANSWER]


def test_no_rows_are_no_answers(score: Ask) -> None:
    assert score(json={"input_df": []}).json() == []


@pytest.mark.parametrize("body", MALFORMED)
def test_a_malformed_body_is_a_bad_request(body: bytes, score: Ask) -> None:
    answer = score(content=body)
    assert answer.status_code == 400
    assert code(answer) in ("bad_json", "bad_input")


def test_a_wrong_row_is_named_by_row_and_column(score: Ask) -> None:
    answer = score(json={"input_df": [ROW, {"age": 1, "stat": "WA"}]})
    assert answer.json()["error"]["message"] == "input_df, row 1: the column 'state' is missing (and 1 more)"


@pytest.mark.parametrize(
    "content_type", ["text/plain", "application/x-www-form-urlencoded", "application/octet-stream"]
)
def test_another_content_type_is_unsupported(content_type: str, score: Ask) -> None:
    answer = score(content=b'{"input_df": []}', headers={"content-type": content_type})
    assert (answer.status_code, code(answer)) == (415, "unsupported_media_type")


def test_a_body_over_the_limit_is_too_large(score: Ask) -> None:
    assert score(content=b'{"input_df": []}' + b" " * 4080).status_code == 200
    answer = score(content=b'{"input_df": []}' + b" " * 4081)
    assert (answer.status_code, code(answer)) == (413, "too_large")


def test_a_chunked_body_over_the_limit_is_too_large_as_soon_as_it_is(score: Ask) -> None:
    sent = []

    async def chunks() -> AsyncIterator[bytes]:
        for number in range(1000):
            sent.append(number)
            yield b" " * 1000

    answer = score(content=chunks())
    assert (answer.status_code, code(answer)) == (413, "too_large")
    assert len(sent) < 10


@pytest.mark.parametrize("state", ["raise", "exit"])
def test_a_failing_run_tells_the_log_and_not_the_caller(
    state: str, score: Ask, caplog: pytest.LogCaptureFixture
) -> None:
    answer = score(json={"input_df": [ROW | {"state": state}]})
    assert (answer.status_code, code(answer)) == (500, "internal")
    assert "secret" not in answer.text
    failed = next(record for record in caplog.records if record.message == "run_failed")
    assert failed.exc_info is not None
    assert isinstance(failed.exc_info[1], ValueError | SystemExit)
    assert score(json={"input_df": [ROW]}).status_code == 200


def test_without_usable_keys_nobody_scores_and_it_is_not_ready(score: Ask, ask: Ask, keys_file: Path) -> None:
    keys_file.write_text("{")
    answer = score(json={"input_df": [ROW]})
    assert (answer.status_code, code(answer)) == (503, "keys_unusable")
    assert ask("GET", "/").status_code == 503
    assert ask("GET", "/healthz/live").status_code == 200


def test_while_starting_only_liveness_is_well(ask: Ask, key: str) -> None:
    assert (ask("GET", "/").status_code, ask("GET", "/").text) == (503, "Starting")
    assert ask("GET", "/healthz/ready").status_code == 503
    assert ask("GET", "/healthz/live").status_code == 200
    answer = ask("POST", "/score", headers={"authorization": f"Bearer {key}"})
    assert (answer.status_code, code(answer), answer.headers["retry-after"]) == (503, "not_ready", "1")


def test_while_draining_requests_are_answered_and_asked_to_leave(score: Ask, ask: Ask, lifecycle: Lifecycle) -> None:
    assert ask("GET", "/").text == "Healthy"
    lifecycle.drain()
    assert (ask("GET", "/").status_code, ask("GET", "/").text) == (503, "Draining")
    answer = score(json={"input_df": [ROW]})
    assert (answer.status_code, answer.headers["connection"]) == (200, "close")


def test_health_answers_while_every_thread_scores(
    score: Ask, ask_together: Callable[..., list[httpx.Response]], key: str
) -> None:
    assert score(json={"input_df": []}).status_code == 200
    slow = {"json": {"input_df": [{"age": 0.5, "state": "sleep"}]}, "headers": {"authorization": f"Bearer {key}"}}
    answers = ask_together(
        ("POST", "/score", slow), ("POST", "/score", slow), ("GET", "/", {}), ("POST", "/score", slow)
    )
    assert [answer.status_code for answer in answers] == [200, 200, 200, 503]
    assert (code(answers[3]), answers[3].headers["retry-after"]) == ("overloaded", "1")
    assert answers[2].elapsed < min(answers[0].elapsed, answers[1].elapsed)


@pytest.mark.parametrize("given", ["a", "0b9c-D.1_2", "x" * 64])
def test_a_sane_request_id_comes_back(given: str, ask: Ask) -> None:
    assert ask("GET", "/", headers={"x-request-id": given}).headers["x-request-id"] == given


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", 'a"b', "a\\nb", "ä".encode()])
def test_any_other_request_id_is_replaced(given: str | bytes, ask: Ask) -> None:
    answer = ask("GET", "/", headers={"x-request-id": given})
    assert len(answer.headers["x-request-id"]) == 32


def test_a_refusal_before_100_continue_closes(ask: Ask) -> None:
    assert ask("POST", "/score", headers={"expect": "100-continue"}).headers["connection"] == "close"
    assert "connection" not in ask("POST", "/score").headers


def test_a_request_is_one_log_line_without_key_query_or_body(
    score: Ask, key: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level("INFO", logger="scoring")
    score(json={"input_df": [ROW]}, params={"token": "in-the-query"})
    HANDLER.flush()
    written = capsys.readouterr().out
    (line,) = [each for each in map(json.loads, written.splitlines()) if each["event"] == "request"]
    assert (line["method"], line["path"], line["status"], line["rows"]) == ("POST", "/score", 200, 1)
    assert 0 < line["ms"] < 5000
    assert all(secret not in written + caplog.text for secret in (key, "in-the-query", "31.5"))


def test_health_that_is_well_is_not_logged(score: Ask, ask: Ask, capsys: pytest.CaptureFixture[str]) -> None:
    assert score(json={"input_df": []}).status_code == 200
    HANDLER.flush()
    capsys.readouterr()
    ask("GET", "/")
    HANDLER.flush()
    assert capsys.readouterr().out == ""


def test_a_service_without_a_schema_scores_any_text(
    ask: Ask,
    serve_folder: Callable[[Path], None],
    make_folder: Callable[..., Path],
    key: str,
) -> None:
    serve_folder(make_folder(Path(__file__).parent / "scripts" / "raw.py", schema=None))
    headers = {"authorization": f"Bearer {key}"}
    answer = ask("POST", "/score", content=b'{"a": [1,\n', headers=headers)
    assert answer.json() == {"type": "str", "length": 10}
    assert ask("POST", "/score", content=b"\xff", headers=headers).status_code == 400
