"""Streams that are full, closed or missing: one line, an exit code, no traceback."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.tree import TREE
from workbench.cli.main import Workbench
from workbench.experiments.runs import run_record
from workbench.registry.models.registry import ModelRegistry


def _workbench(home: Path, words: str) -> "subprocess.CompletedProcess[str]":
    line = f"exec {sys.executable} -c 'from workbench.cli.main import main; main()' {words}"
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


ENCODINGS = {
    "latin-1": {"PYTHONIOENCODING": "latin-1"},
    "ascii": {"PYTHONIOENCODING": "ascii"},
    "C": {"LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
    "utf-8": {"PYTHONIOENCODING": "utf-8"},
}
TEXT = "caf\u00e9 \u2026 \U0001f642 \x1b[31mred\x07 \u202e end"


def _printed(home: Path, encoding: str, *words: str) -> "subprocess.CompletedProcess[bytes]":
    environment = {**os.environ, "PYTHONPATH": str(TREE), "WORKBENCH_HOME": str(home), **ENCODINGS[encoding]}
    environment.pop("LANG", None)
    code = "from workbench.cli.main import main; main()"
    return subprocess.run([sys.executable, "-c", code, *words], env=environment, capture_output=True, check=False)


@pytest.fixture
def strange(home: Path) -> dict[str, Any]:
    """A run and a model whose records hold what many streams do not take."""
    ModelRegistry().register("churn", {"a": b"1"}, run_id="", metrics={}, description="caf\u00e9 \u2026 \U0001f642")
    run = run_record.Run.start("churn", {"data": TEXT, "metrics": {TEXT: "nan", "loss": 0.5}})
    run.finish(run_record.COMPLETED)
    record = run.folder / "run.json"
    # As others may write it: a number that JSON has not.
    record.write_text(record.read_text().replace('"loss":0.5', '"loss":1e999'))
    assert home
    return run_record.get(run.id)


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("form", ["json", "yaml"])
def test_an_answer_for_programs_is_whole_and_valid_in_every_encoding(
    home: Path, strange: dict[str, Any], encoding: str, form: str
) -> None:
    done = _printed(home, encoding, "history", "show", "last", "-o", form)
    assert (done.returncode, done.stderr) == (0, b"")
    text = done.stdout.decode({"C": "ascii"}.get(encoding, encoding))
    found = json.loads(text, parse_constant=pytest.fail) if form == "json" else yaml.safe_load(text)
    assert found["data"] == TEXT == strange["data"]
    assert found["metrics"][TEXT] == "nan"
    assert str(found["metrics"]["loss"]) == "inf"


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_an_answer_for_people_holds_no_letter_that_a_terminal_acts_upon(
    home: Path, strange: dict[str, Any], encoding: str
) -> None:
    assert strange
    # In a locale of plain ASCII an argument can't be more than that.
    metric = ("history", "list", "--filter", f"metric.{TEXT}=nan") if encoding != "C" else ("history", "list")
    for words in (("history", "show", "last"), metric, ("model", "list"), ("model", "show", "churn")):
        done = _printed(home, encoding, *words)
        assert (done.returncode, done.stderr) == (0, b""), words
        text = done.stdout.decode({"C": "ascii"}.get(encoding, encoding))
        assert not set(text) & {"\x1b", "\x07", "\u202e"}


@pytest.mark.parametrize("encoding", ["latin-1", "C"])
def test_errors_and_help_of_every_verb_are_printed_in_every_encoding(home: Path, encoding: str) -> None:
    done = _printed(home, encoding, "model", "show", os.fsdecode(b"\xff\xe2\x80\xa6") + "\u2026 \x1b[31m")
    assert done.returncode == 1
    assert done.stderr.startswith(b"error: ")
    assert done.stderr.count(b"\n") == 1
    assert b"\x1b" not in done.stderr
    code = (
        "import sys; from workbench.cli import main, printing; printing.open_streams();"
        "sys.exit(max(main.run([verb.name, '--help']) for verb in main.Workbench.table))"
    )
    environment = {**os.environ, "PYTHONPATH": str(TREE), **ENCODINGS[encoding]}
    shown = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, check=False)
    assert (shown.returncode, shown.stderr) == (0, b"")
    assert shown.stdout.count(b"Usage: ") >= len(Workbench.table)
