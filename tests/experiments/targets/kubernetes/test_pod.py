"""The program of a run's pod, as a process of this machine: any folder will do."""

import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import patience
from workbench.experiments.targets.kubernetes import pod

pytestmark = pytest.mark.slow


def _start(folder: Path, script: str, limit: float | None = None) -> "subprocess.Popen[bytes]":
    source = (
        Path(pod.__file__)
        .read_text()
        .replace("/workbench", str(folder))
        .replace("STOP_SECONDS = 10", "STOP_SECONDS = 1")
    )
    begin = {
        "command": [sys.executable, "-c", script],
        "folder": str(folder),
        "environment": {"A": "1"},
        "limit": limit,
    }
    (folder / "begin.json").write_text(json.dumps({**begin, "mark": "<mark>"}))
    return subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE)


def _end(folder: Path, process: "subprocess.Popen[bytes]") -> tuple[bytes, dict[str, Any], int]:
    assert process.stdout
    printed = b""
    while b"<mark>" not in printed:
        printed += process.stdout.readline()
    assert process.poll() is None, "it stays until its files are fetched"
    (folder / "collected").touch()
    said, _, ended = printed.partition(b"<mark>")
    code = process.wait(patience())
    process.stdout.close()
    return said, json.loads(ended), code


def test_a_script_runs_in_its_folder_with_its_variables_and_its_code_is_told(tmp_path: Path) -> None:
    process = _start(tmp_path, "import os, sys; print(os.environ['A'], os.getcwd(), flush=True); sys.exit('on stderr')")
    said, ended, code = _end(tmp_path, process)
    assert said.decode() == f"1 {tmp_path}\non stderr\n"
    assert 0 < ended.pop("seconds") < 10
    assert (ended, code) == ({"code": 1, "late": False, "memory": False}, 1)


@pytest.mark.parametrize(
    "script",
    [
        "import time; time.sleep(60)",
        "import signal, time; signal.signal(15, lambda *_: 0); print(flush=True); time.sleep(60); time.sleep(60)",
    ],
)
def test_a_script_that_is_stopped_ends_in_time_whether_it_wants_to_or_not(tmp_path: Path, script: str) -> None:
    process = _start(tmp_path, script)
    time.sleep(0.7)
    process.send_signal(signal.SIGTERM)
    _, ended, _ = _end(tmp_path, process)
    assert ended["code"] in (128 + signal.SIGTERM, 128 + signal.SIGKILL)


def test_a_script_that_takes_longer_than_its_limit_is_ended_and_said_to_be_late(tmp_path: Path) -> None:
    _, ended, code = _end(tmp_path, _start(tmp_path, "import time; time.sleep(60)", limit=0.3))
    assert (ended["late"], code) == (True, 128 + signal.SIGTERM)
