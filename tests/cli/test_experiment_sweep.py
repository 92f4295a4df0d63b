"""Sweeps with real processes of this machine; tests/cluster/test_sweeps.py has a cluster."""

import json
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.waiting import patience, until

pytestmark = pytest.mark.slow

Call = Callable[..., tuple[int, str, str]]
SCRIPT = """
import argparse
from workbench import tracking
parser = argparse.ArgumentParser()
for name in ("--C", "--depth", "--metric"):
    parser.add_argument(name)
given = parser.parse_args()
tracking.log("AUC", 1 - abs(float(given.C)))
if given.C == "-2":
    raise SystemExit("C is too small")
open("outputs/model.txt", "w").write(f"{given.C} {given.depth} {given.metric}")
"""


@pytest.fixture
def lab(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lab"
    (folder / "aml_config").mkdir(parents=True)
    (folder / "aml_config" / "local.runconfig").write_text('Target: "local"\n')
    (folder / "aml_config" / "local.compute").write_text('type: "local"\n')
    (folder / "script.py").write_text(SCRIPT)
    monkeypatch.chdir(folder)
    assert home
    return folder


def test_a_sweep_shows_its_runs_from_the_best_on_and_ends_with_1_if_one_failed(lab: Path, call: Call) -> None:
    given = ("experiment", "sweep", "-c", "local", "script.py", "--depth", "4", "--grid", "C=-2,0,1")
    code, out, err = call(*given, "--parallel", "2", "--", "--metric", "mine")
    lines = [line.split() for line in out.splitlines()]
    assert lines[0] == ["best", "run", "C", "AUC", "status", "attempt", "seconds"]
    assert [line[-4:-2] for line in lines[1:]] == [["1", "completed"], ["0", "completed"], ["-1", "failed"]]
    assert lines[1][0] == "*"
    assert (code, "C=-2 failed: C is too small" in err, "1 of 3 runs did not complete" in err) == (1, True, True)
    [plot] = (lab / "outputs").glob("lab_sweep_*.png")
    listed = json.loads(call("history", "list", "--filter", f"sweep={plot.stem}", "-o", "json")[1])
    assert len(listed) == 3
    shown = json.loads(call("history", "show", lines[1][1], "-o", "json")[1])
    assert (shown["point"], [each["path"] for each in shown["outputs"]]) == ({"C": "0"}, ["model.txt"])


@pytest.mark.usefixtures("lab")
def test_a_sweep_answers_programs_and_a_metric_that_is_spelled_wrong_loses_no_table(call: Call) -> None:
    given = ("experiment", "sweep", "-c", "local", "script.py", "--grid", "C=0,1")
    code, out, _ = call(*given, "--metric", "AUC", "--goal", "minimize", "-o", "json")
    answer = json.loads(out)
    assert (code, answer["runs"][0]["parameters"], answer["runs"][0]["metrics"]) == (0, {"C": "1"}, {"AUC": 0.0})
    assert (answer["best"], answer["goal"]) == (answer["runs"][0]["run"], "minimize")
    code, out, err = call(*given, "--metric", "AUK", "-o", "json")
    assert (code, json.loads(out)["best"], len(json.loads(out)["runs"])) == (1, None, 2)
    assert "no run told it; did you mean 'AUC'?" in err


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ([], "--grid is missing"),
        (["--grid", "C=1", "--plot", "a.pdf"], "a PNG is drawn"),
        (["--grid", "C=1", "-t", "none"], "none.compute is missing"),
    ],
)
@pytest.mark.usefixtures("lab")
def test_what_cannot_be_is_refused_before_anything_runs(call: Call, given: list[str], words: str) -> None:
    code, out, err = call("experiment", "sweep", "-c", "local", "script.py", *given)
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert words in err
    assert json.loads(call("history", "list", "-o", "json")[1]) == []


def test_an_interrupt_ends_all_runs_those_that_had_not_begun_too(lab: Path, call: Call) -> None:
    (lab / "script.py").write_text("import time\nprint('begun', flush=True)\ntime.sleep(60)\n")
    program = str(Path(sys.executable).with_name("workbench"))
    command = ["env", "--default-signal=INT", program, "experiment", "sweep", "-c", "local", "script.py"]
    logs = lab.parent / "home" / "registry" / "runs"
    with subprocess.Popen([*command, "--grid", "C=1,2"], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        until(lambda: any(b"begun" in log.read_bytes() for log in logs.glob("*/log.txt")))
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=patience())
    assert process.returncode == 130, err
    runs = json.loads(call("history", "list", "-o", "json")[1])
    assert [run["status"] for run in runs] == ["canceled", "canceled"]
