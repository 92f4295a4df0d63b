"""Streams that are full, closed or missing: one line, an exit code, no traceback."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

TREE = Path(__file__).resolve().parents[3]


def _workbench(home: Path, words: str) -> "subprocess.CompletedProcess[str]":
    line = f"exec {sys.executable} -c 'from model.cli.main import main; main()' {words}"
    environment = {**os.environ, "PYTHONPATH": str(TREE), "WORKBENCH_HOME": str(home)}
    return subprocess.run(["sh", "-c", line], env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("form", ["table", "json", "yaml"])
def test_a_full_disk_is_one_line(home: Path, form: str) -> None:
    done = _workbench(home, f"history list -o {form} > /dev/full")
    assert done.stderr == "error: No space left on device; make room where this writes, and run it again\n"
    assert done.returncode == 1


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_streams_are_borne(home: Path, closed: str) -> None:
    done = _workbench(home, f"history list -o json {closed}")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.strip() in ("[]", "")
