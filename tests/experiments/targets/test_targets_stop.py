import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.core.processes import is_gone
from tests.tree import TREE
from workbench.experiments.runs import run_record

pytestmark = pytest.mark.slow


@pytest.fixture
def project(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lab"
    (folder / "aml_config").mkdir(parents=True)
    (folder / "aml_config" / "local.runconfig").write_text('Target: "local"\n')
    (folder / "aml_config" / "local.compute").write_text("type: local\n")
    monkeypatch.chdir(folder)
    assert home.parent == tmp_path
    return folder


WAITING = (
    "import os, subprocess, sys, time\n"
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
    "open('half.txt', 'w').write('half')\n"
    "print('pids', os.getpid(), child.pid)\n"
    "time.sleep(600)\n"
)


def _begin(project: Path, text: str) -> "tuple[subprocess.Popen[str], list[int]]":
    """`experiment submit` as a process of its own; the script's pids, once it has told them."""
    (project / "script.py").write_text(text)
    command = [
        "env",
        "--default-signal=HUP,INT",  # whoever runs the tests may ignore them
        sys.executable,
        "-c",
        "from workbench.cli.experiment import app; app()",
        "submit",
        "-c",
        "local",
        "script.py",
    ]
    environment = {**os.environ, "PYTHONPATH": str(TREE)}
    process = subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True, start_new_session=True)
    assert process.stdout
    for line in process.stdout:
        if line.startswith("pids "):
            return process, [int(word) for word in line.split()[1:]]
    raise AssertionError("the script never began")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGHUP])
def test_an_interrupt_stops_the_run_and_all_that_it_started(project: Path, number: signal.Signals) -> None:
    process, pids = _begin(project, WAITING)
    process.send_signal(number)
    process.communicate()
    (record,) = run_record.list_all()
    assert (process.returncode, [is_gone(pid) for pid in pids]) == (130, [True, True])
    assert (record["status"], [entry["path"] for entry in record["outputs"]]) == ("canceled", ["half.txt"])


def test_metrics_are_in_the_record_while_the_run_goes_on(project: Path) -> None:
    process, _ = _begin(project, "from workbench import tracking\ntracking.log('loss', 0.5)\n" + WAITING)
    while not (record := run_record.list_all()[0]).get("metrics"):
        assert process.poll() is None
        time.sleep(0.1)
    assert (record["status"], record["metrics"]) == ("running", {"loss": 0.5})
    process.send_signal(signal.SIGINT)
    process.communicate()


def test_a_script_that_will_not_stop_is_ended_by_a_second_interrupt(project: Path) -> None:
    deaf = "import signal\nsignal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    process, pids = _begin(project, deaf + WAITING)
    process.send_signal(signal.SIGINT)
    time.sleep(1)
    process.send_signal(signal.SIGINT)
    process.communicate()
    (record,) = run_record.list_all()
    assert ([is_gone(pid) for pid in pids], record["status"]) == ([True, True], "canceled")


def test_a_killed_submit_takes_its_script_along_and_is_known_as_lost(project: Path) -> None:
    process, (script, child) = _begin(project, WAITING)
    process.kill()
    process.communicate()
    assert is_gone(script)
    assert [run["status"] for run in run_record.list_all()] == ["lost"]
    os.kill(child, signal.SIGKILL)


def test_a_run_goes_on_when_nobody_reads_it(project: Path) -> None:
    text = "import time\nprint('pids', 1, flush=True)\ntime.sleep(1)\nfor n in range(1000): print(n)\n"
    process, _ = _begin(project, text)
    assert process.stdout
    process.stdout.close()
    assert process.wait() == 0
    (record,) = run_record.list_all()
    assert (record["status"], (run_record.files(record["id"]) / "log.txt").read_text().endswith("999\n")) == (
        "completed",
        True,
    )
