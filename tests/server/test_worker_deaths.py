"""Workers that die: what the others, the numbers and the port make of it."""

import os
import re
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.server.serving import different, numbers
from tests.waiting import patience, until

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


def test_a_worker_that_dies_is_started_again_and_meanwhile_the_others_answer(
    start_server: Start, make_folder: Folder, write_script: Write, answering: Callable[[], int], read_log: Lines
) -> None:
    start_server(make_folder(write_script("time.sleep(0.3)")), workers=2)
    first = different(answering, 2)
    died = min(first)
    os.kill(died, signal.SIGKILL)
    until(lambda: events(read_log(), "worker_ended"))
    # Every one of these is answered, or this fails: nobody listens at a worker that isn't ready.
    now = different(answering, 2)
    assert len(now & first) == 1
    ended = events(read_log(), "worker_ended")
    assert [(line["level"], line["worker"] in {1, 2}, line["again_in_seconds"]) for line in ended] == [
        ("error", True, 1.0)
    ]
    assert "SIGKILL" in ended[0]["message"]
    assert len(events(read_log(), "ready")) == 3
    assert len(events(read_log(), "all_ready")) == 1


def test_the_numbers_of_all_workers_are_told_by_any_and_survive_one(
    start_server: Start,
    make_folder: Folder,
    write_script: Write,
    answering: Callable[[], int],
    port: int,
    key: str,
    read_log: Lines,
) -> None:
    start_server(make_folder(write_script("pass")), workers=2)
    answered = [answering() for _ in range(40)]
    assert len(set(answered)) == 2
    scored = 'scoring_request_duration_seconds_count{method="POST",route="/score",status="200"}'
    assert {numbers(port, key)[scored] for _ in range(10)} == {40.0}
    info = 'scoring_model_info{manifest="toy",model="toy",service="toy",version="7"}'
    assert {numbers(port, key)[info] for _ in range(10)} == {1.0}
    os.kill(answered[0], signal.SIGKILL)
    until(lambda: events(read_log(), "worker_ended"))
    assert numbers(port, key)[scored] == 40
    assert numbers(port, key)["scoring_rows_total"] == 40
    different(answering, 2)
    assert numbers(port, key)[scored] > 40


def test_a_worker_that_is_killed_while_it_starts_ends_all(
    start_process: Start, make_folder: Folder, write_script: Write, read_log: Lines, tmp_path: Path
) -> None:
    first_is_killed = f"""
    try:
        open({str(tmp_path / "first")!r}, 'x').close()
        os.kill(os.getpid(), 9)
    except FileExistsError:
        time.sleep(600)
    """
    process = start_process(make_folder(write_script(first_is_killed)), workers=2)
    assert process.wait(timeout=patience()) == 1
    (failed,) = [line for line in read_log() if line["level"] != "info"]
    assert re.fullmatch(r"worker [12] ended: SIGKILL; .*SCORING_WORKERS lower", failed["message"])


def test_a_worker_that_cannot_start_again_leaves_the_others_serving(
    start_server: Start,
    make_folder: Folder,
    write_script: Write,
    answering: Callable[[], int],
    port: int,
    key: str,
    read_log: Lines,
) -> None:
    folder = make_folder(write_script("pass"))
    process = start_server(folder, workers=2)
    first = different(answering, 2)
    # Workers tell each other every second what they use.
    until(lambda: numbers(port, key)["process_open_fds"] > 1.5 * own_files(min(first)))
    (folder / "models" / "toy" / "weights.txt").write_text("other")
    died, left = sorted(first)
    os.kill(died, signal.SIGKILL)
    until(lambda: len(events(read_log(), "worker_ended")) == 2)
    again = events(read_log(), "worker_ended")[1]
    assert "weights.txt: its sha256 is" in again["message"]
    assert again["again_in_seconds"] == 2.0
    assert {answering() for _ in range(20)} == {left}
    assert numbers(port, key)["process_open_fds"] < 1.5 * own_files(left)
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=patience()) == 0


def test_workers_end_when_their_parent_is_gone(
    start_server: Start, make_folder: Folder, write_script: Write, answering: Callable[[], int]
) -> None:
    process = start_server(make_folder(write_script("pass")), workers=2, drain_seconds=1)
    workers = different(answering, 2)
    process.kill()
    process.wait()
    until(lambda: not any(alive(pid) for pid in workers))


def own_files(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))  # noqa: PTH208 - as the library counts them


def alive(pid: int) -> bool:
    """Whether the process still runs: one that nobody waited for yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
