"""workbench train, from a CSV file to a pin."""

import json
import signal
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import QUICK
from tests.waiting import patience
from workbench.registry.models.registry import ModelRegistry
from workbench.stacks.services import stack_inputs


def test_training_leaves_all_that_a_stack_needs(trained: dict[str, Any], project: Path, home: Path) -> None:
    pins = stack_inputs.read_pins(project / "Pulumi.staging.yaml")
    assert pins == {"churnpred": {"manifest": trained["manifest"]}}
    folder = home / "registry" / "manifests" / trained["manifest"].removeprefix("sha256:")
    document = json.loads((folder / "manifest.json").read_bytes())
    assert document["models"][0]["digest"] == trained["digest"]
    wheels = home / "registry" / "wheels" / document["runtime"]["requirements"]["sha256"]
    assert [path.name for path in wheels.glob("*.whl")] == ["tiny-1.0-py3-none-any.whl"]
    assert stat.S_IMODE(home.stat().st_mode) == 0o700
    assert trained["metrics"]["models"]["model"]["roc_auc"]["value"] > 0.6


def test_training_twice_changes_no_file(
    call: Any, trained: dict[str, Any], csv_file: Path, project: Path, home: Path
) -> None:
    def state() -> dict[Path, tuple[int, int]]:
        paths = [path for folder in (project, home) for path in folder.rglob("*") if path.is_file()]
        return {path: (path.stat().st_mtime_ns, path.stat().st_ino) for path in paths}

    before = state()
    code, out, err = call("train", "--data", csv_file, *QUICK, "--stack", "staging", "-o", "json")
    assert code == 0
    assert json.loads(out) == {**trained, "unchanged": True}
    assert "unchanged: run churn_" in err
    assert state() == before


def test_a_table_tells_how_far_the_model_is_from_the_baselines(call: Any, project: Path, csv_file: Path) -> None:
    code, out, _ = call("train", "--data", csv_file, *QUICK)
    assert (code, project.is_dir()) == (0, True)
    assert "95% interval over customers" in out
    assert "model - logistic" in out
    assert [line.split()[0] for line in out.splitlines()[-6:]] == [
        "accuracy",
        "average_precision",
        "brier",
        "f1",
        "log_loss",
        "roc_auc",
    ]


@pytest.mark.parametrize(
    ("given", "words"), [(["--param", "x=1"], "error: --param 'x=1'"), ([], "line 2, column 'age': 'old'")]
)
def test_what_the_training_script_refuses_is_told_in_its_words(
    call: Any, project: Path, csv_bytes: bytes, given: list[str], words: str
) -> None:
    header, first, rest = csv_bytes.split(b"\n", 2)
    (project / "bad.csv").write_bytes(b"\n".join([header, b"old," + first.partition(b",")[2], rest]))
    code, out, err = call("train", "--data", "bad.csv", *given)
    assert (code, out) == (1, "")
    assert words in err
    assert "failed: exit code 1; no model was registered; look: workbench history show churn_" in err.splitlines()[-1]
    assert ModelRegistry().list() == []


@pytest.mark.slow
def test_an_interrupted_training_is_canceled(project: Path, home: Path, csv_file: Path) -> None:
    command = [sys.executable, "-c", "from workbench.cli.main import main; main()", "train", "--data", str(csv_file)]
    process = subprocess.Popen([*command, "--param", "max_iter=5000"], stderr=subprocess.PIPE, text=True, cwd=project)
    assert process.stderr
    while "fitting" not in process.stderr.readline():
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    assert process.stderr.read().splitlines()[-1] == "error: interrupted"
    assert process.wait(timeout=patience()) == 130
    (path,) = home.glob("registry/runs/churn_*/run.json")
    assert json.loads(path.read_bytes())["status"] == "canceled"
    process.stderr.close()
