"""A whole server in a process of its own: how it starts, how it refuses to, and what only real connections show."""

import http.client
import json
import signal
import socket
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.waiting import patience, until

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent

Start = Callable[..., subprocess.Popen[bytes]]
Lines = Callable[[], list[dict[str, Any]]]
Post = Callable[[str], int]


@pytest.fixture
def post(port: int) -> Post:
    """The status of a score with a key, over a new connection."""

    def send(key: str) -> int:
        headers = {"authorization": f"Bearer {key}"}
        return httpx.post(f"http://127.0.0.1:{port}/score", json={"input_df": []}, headers=headers).status_code

    return send


def test_a_signal_while_starting_ends_at_once(
    start_process: Start, make_folder: Callable[..., Path], port: int
) -> None:
    process = start_process(make_folder(HERE / "scripts" / "slow_init.py"))
    until(lambda: status(port, "/healthz/live") == 200)
    assert status(port, "/") == 503
    assert status(port, "/score") == 401
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=patience()) == 0


def test_keys_turn_without_a_restart(
    start_server: Start,
    make_folder: Callable[..., Path],
    post: Post,
    key: str,
    write_keys: Callable[[str, str], None],
    keys_file: Path,
) -> None:
    start_server(make_folder())
    assert (post(key), post("a-new-key")) == (200, 401)
    write_keys("a-new-key", "b")
    until(lambda: (post(key), post("a-new-key")) == (401, 200))
    keys_file.unlink()
    until(lambda: (post(key), post("a-new-key")) == (503, 503))
    write_keys(key, "b")
    until(lambda: (post(key), post("a-new-key")) == (200, 401))


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("syntax_error.txt", "its import failed: SyntaxError"),
        ("import_exits.py", "its import failed: SystemExit: 0"),
        ("init_exits.py", "init() failed: SystemExit: 0"),
        ("init_leaves_a_thread.py", "init() failed: RuntimeError: after the thread"),
    ],
)
def test_a_script_that_does_not_start_ends_the_process_with_one_line(
    script: str, says: str, start_process: Start, make_folder: Callable[..., Path], read_log: Lines
) -> None:
    process = start_process(make_folder(HERE / "broken" / script))
    assert process.wait(timeout=patience()) == 1
    failed = read_log()[-1]
    assert (failed["level"], failed["event"]) == ("error", "start_failed")
    assert says in str(failed["message"])
    assert str(failed["traceback"]).startswith("Traceback")


def test_a_script_that_fails_on_the_schemas_own_example_is_never_ready(
    start_process: Start, make_folder: Callable[..., Path], read_log: Lines
) -> None:
    schema = json.loads((HERE / "schemas" / "rows.json").read_bytes())
    for row in schema["input"]["input_df"]["swagger"]["example"]:
        row["state"] = "raise"
    process = start_process(make_folder(schema=json.dumps(schema).encode()))
    assert process.wait(timeout=patience()) == 1
    assert [line["event"] for line in read_log() if line["event"] in {"ready", "start_failed"}] == ["start_failed"]
    failed = read_log()[-1]
    assert "run() failed on the schema's own example: ValueError" in str(failed["message"])
    assert "in run" in str(failed["traceback"])


def test_a_changed_file_ends_the_process_before_any_of_it_runs(
    start_process: Start, make_folder: Callable[..., Path], read_log: Lines, tmp_path: Path
) -> None:
    folder = make_folder()
    (folder / "score.py").write_text(f"open({str(tmp_path / 'executed')!r}, 'w')")
    assert start_process(folder).wait(timeout=patience()) == 1
    failed = read_log()[-1]
    assert "score.py: its sha256 is" in str(failed["message"])
    assert "traceback" not in failed
    assert not (tmp_path / "executed").exists()


def test_an_unknown_setting_ends_the_process_with_one_line(
    start_process: Start, make_folder: Callable[..., Path], read_log: Lines
) -> None:
    assert start_process(make_folder(), thread=3).wait(timeout=patience()) == 1
    assert [str(line["message"])[:39] for line in read_log()] == ["SCORING_THREAD is not a setting of this"]


def test_a_taken_port_ends_the_process_with_one_line(
    start_process: Start, make_folder: Callable[..., Path], read_log: Lines, port: int
) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert start_process(make_folder()).wait(timeout=patience()) == 1
    assert [line["message"] for line in read_log()] == [
        f"SCORING_PORT {port}: Address already in use; choose another port"
    ]


def test_a_chunked_body_over_the_limit_is_refused_and_the_connection_stays_usable(
    start_server: Start, make_folder: Callable[..., Path], port: int, key: str
) -> None:
    start_server(make_folder(), max_body_bytes=1000)
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("POST", "/score", iter([b" " * 600] * 5), headers, encode_chunked=True)
    refused = connection.getresponse()
    assert (refused.status, json.loads(refused.read())["error"]["code"]) == (413, "too_large")
    connection.request("POST", "/score", b'{"input_df": []}', headers)
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"[]")
    connection.close()


def test_a_caller_that_leaves_half_way_does_no_harm(
    start_server: Start, make_folder: Callable[..., Path], post: Post, port: int, key: str, read_log: Lines
) -> None:
    start_server(make_folder())
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.sendall(
            f"POST /score HTTP/1.1\r\nhost: toy\r\nauthorization: Bearer {key}\r\ncontent-length: 99\r\n\r\n{{".encode()
        )
    until(lambda: any(line.get("path") == "/score" for line in read_log()))
    line = next(line for line in read_log() if line.get("path") == "/score")
    assert line["status"] is None
    assert not any("traceback" in line for line in read_log())
    assert post(key) == 200


def status(port: int, path: str) -> int | None:
    try:
        return httpx.get(f"http://127.0.0.1:{port}{path}").status_code
    except httpx.TransportError:
        return None


def test_a_crash_of_our_own_is_a_line_in_the_log_and_a_failed_exit(
    start_process: Start, make_folder: Callable[..., Path], read_log: Lines
) -> None:
    folder = make_folder()
    manifest = (folder / "manifest.json").read_text(encoding="utf-8")
    (folder / "manifest.json").write_text(manifest.replace('"score.py"', '"score\\u0000.py"'), encoding="utf-8")
    assert start_process(folder).wait(timeout=patience()) == 1
    assert [line["event"] for line in read_log()] == ["crashed"]
