"""A server of several workers as a whole: its processes, its one port, and its log."""

import http.client
import json
import signal
import socket
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.serving import different, health
from tests.waiting import patience, until
from workbench.server import cores

pytestmark = pytest.mark.slow

HERE = Path(__file__).parent

Start = Callable[..., subprocess.Popen[bytes]]
Folder = Callable[..., Path]
Lines = Callable[[], list[dict[str, Any]]]
Write = Callable[[str], Path]


@pytest.fixture
def write_script(tmp_path: Path) -> Write:
    """A score script that answers every row with its process id, after the `init` that is given."""

    def write(init: str) -> Path:
        script = tmp_path / "written.py"
        run = "def run(input_df):\n    return [os.getpid() for _ in input_df]\n"
        script.write_text(f"import os, time\nfrom pathlib import Path\n\ndef init():\n    {init}\n\n{run}")
        return script

    return write


@pytest.fixture
def answering(port: int, key: str) -> Callable[[], int]:
    """The process that answers a new connection."""

    def ask() -> int:
        headers = {"authorization": f"Bearer {key}"}
        rows = {"input_df": [{"age": 41, "state": "WA"}]}
        return int(httpx.post(f"http://127.0.0.1:{port}/score", json=rows, headers=headers).json()[0])

    return ask


def events(lines: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    return [line for line in lines if line["event"] == name]


def test_all_workers_answer_and_end_together(
    start_server: Start, make_folder: Folder, write_script: Write, answering: Callable[[], int], read_log: Lines
) -> None:
    process = start_server(make_folder(write_script("pass")), workers=3)
    answered = different(answering, 3)
    assert process.pid not in answered
    shared = shared_folder(min(answered))
    assert shared.is_dir()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=patience()) == 0
    lines = read_log()
    assert sorted(line["worker"] for line in events(lines, "ready")) == [1, 2, 3]
    assert sorted(line["worker"] for line in events(lines, "stopped") if "worker" in line) == [1, 2, 3]
    assert (lines[-1]["event"], "worker" in lines[-1]) == ("stopped", False)
    assert {line["level"] for line in lines} == {"info"}
    assert not any(alive(pid) for pid in answered)
    assert not shared.exists()


def test_there_are_as_many_workers_as_cores_unless_their_number_is_given(
    start_server: Start, make_folder: Folder, read_log: Lines
) -> None:
    start_server(make_folder(), workers=0)
    until(lambda: len(events(read_log(), "ready")) >= cores.count())
    assert len(events(read_log(), "ready")) == cores.count()


def test_no_worker_is_ready_before_all_are(
    start_process: Start, make_folder: Folder, write_script: Write, port: int, tmp_path: Path
) -> None:
    go = tmp_path / "go"
    # The first to come goes through, the others wait.
    wait = f"""
    try:
        open({str(tmp_path / "first")!r}, 'x').close()
    except FileExistsError:
        while not Path({str(go)!r}).exists():
            time.sleep(0.02)
    """
    start_process(make_folder(write_script(wait)), workers=3)
    until((tmp_path / "first").exists)
    until(lambda: health(port) is not None)
    assert {health(port) for _ in range(200)} == {(503, "Starting")}
    go.touch()
    until(lambda: health(port) == (200, "Healthy"))
    assert {health(port) for _ in range(30)} == {(200, "Healthy")}


def test_a_drain_of_several_workers_loses_no_request(
    start_server: Start, make_folder: Folder, port: int, key: str, read_log: Lines
) -> None:
    process = start_server(make_folder(), workers=2)
    outcomes: list[int | Exception] = []
    callers = [threading.Thread(target=score_until_told_to_leave, args=(port, key, outcomes)) for _ in range(8)]
    for caller in callers:
        caller.start()
    until(lambda: len(outcomes) > 100)
    process.send_signal(signal.SIGTERM)
    until(lambda: len(events(read_log(), "draining")) == 3)
    # On a busy machine the last of these may come when all is over.
    assert {health(port) for _ in range(20)} - {None} == {(503, "Draining")}
    for caller in callers:
        caller.join()
    assert process.wait(timeout=patience()) == 0
    assert len(outcomes) > 100
    assert set(outcomes) == {200}


def score_until_told_to_leave(port: int, key: str, outcomes: list[int | Exception]) -> None:
    """Score over one connection until the server closes it politely, as it does when it drains."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    body = json.dumps({"input_df": [{"age": 0.005, "state": "sleep"}]})
    headers = {"authorization": f"Bearer {key}", "content-type": "application/json"}
    leaving = False
    while not leaving:
        try:
            connection.request("POST", "/score", body, headers)
            answer = connection.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as error:
            outcomes.append(error)
            break
        outcomes.append(answer.status)
        leaving = answer.getheader("connection") == "close"
    connection.close()


@pytest.mark.parametrize(
    ("script", "says"),
    [("syntax_error.txt", "its import failed: SyntaxError"), ("init_exits.py", "init() failed: SystemExit: 0")],
)
def test_workers_that_cannot_start_end_the_process_with_one_line(
    script: str, says: str, start_process: Start, make_folder: Folder, read_log: Lines
) -> None:
    process = start_process(make_folder(HERE / "broken" / script), workers=3)
    assert process.wait(timeout=patience()) == 1
    (failed,) = [line for line in read_log() if line["level"] != "info"]
    assert failed["event"] == "start_failed"
    assert says in failed["message"]
    assert str(failed["traceback"]).startswith("Traceback")


def test_a_signal_while_workers_start_ends_them_all(
    start_process: Start, make_folder: Folder, port: int, read_log: Lines
) -> None:
    process = start_process(make_folder(HERE / "scripts" / "slow_init.py"), workers=2)
    until(lambda: health(port) == (503, "Starting"))
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=patience()) == 0
    assert {line["level"] for line in read_log()} <= {"info"}
    assert health(port) is None


def test_a_port_that_is_taken_ends_all_with_one_line(
    start_process: Start, make_folder: Folder, port: int, read_log: Lines
) -> None:
    with socket.socket() as taken:
        # As another server of ours would: the kernel alone would let two of them share.
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        assert start_process(make_folder(), workers=2).wait(timeout=patience()) == 1
    assert [line["message"] for line in read_log()] == [
        f"SCORING_PORT {port}: Address already in use; choose another port"
    ]


def test_every_event_of_a_worker_names_it(
    start_server: Start, make_folder: Folder, answering: Callable[[], int], write_script: Write, read_log: Lines
) -> None:
    process = start_server(make_folder(write_script("pass")), workers=2)
    for _ in range(10):
        answering()
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=patience()) == 0
    # Lines of requests are the log's own, see test_logs.
    unnamed = [line["event"] for line in read_log() if "worker" not in line]
    assert sorted(unnamed) == ["all_ready", "draining", "stopped"]


def shared_folder(worker: int) -> Path:
    command = Path(f"/proc/{worker}/cmdline").read_text(encoding="utf-8").split("\0")
    return Path(command[command.index("--shared") + 1])


def alive(pid: int) -> bool:
    """Whether the process still runs: one that nobody waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
