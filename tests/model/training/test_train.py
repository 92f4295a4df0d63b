import json
import signal
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model.data.dataset import Dataset
from model.errors import DataError, RegistryError, TrainingError
from model.models.registry import ModelRegistry
from model.runs import run_record
from model.training import evaluate, fitting
from model.training import train as training
from model.training.evaluation import Evaluation
from model.training.fitting import Fitted
from model.training.parameters import Parameters
from model.training.train import Outcome, Request
from tests.waiting import patience

QUICK = Parameters(max_iter=12, replicates=100)


def _train(root: Path, data: Path, *, seed: int = 0, force: bool = False) -> Outcome:
    request = Request(data=data, seed=seed, parameters=QUICK, force=force)
    return training.train(request, lambda _line: None, root)


def test_a_training_leaves_a_version_and_a_record_of_how_it_came_about(root: Path, csv_file: Path) -> None:
    outcome = _train(root, csv_file)
    outcome.model.verify()
    assert (outcome.model.label, outcome.unchanged) == ("churn:1", False)
    record = run_record.get(outcome.run_id, root)
    assert record["status"] == "completed"
    assert record["model"] == {"name": "churn", "version": 1, "digest": outcome.model.digest}
    assert record["inputs"]["parameters"] == QUICK.as_dict()
    assert record["inputs"]["data"].startswith("sha256:")
    assert record["inputs"]["packages"].keys() >= {"scikit-learn", "skl2onnx", "onnxruntime"}
    kept = [each for each in record["outputs"] if each["path"] != "evaluation.json"]
    assert (kept, len(record["outputs"])) == (outcome.model.files, len(kept) + 1)
    assert record["metrics"] == outcome.metrics == outcome.model.metrics
    assert "ONNX and scikit-learn differ by at most" in (root / "runs" / outcome.run_id / "log.txt").read_text()


@pytest.mark.slow
def test_two_processes_train_the_same_bytes(tmp_path: Path, csv_file: Path) -> None:
    def train(threads: str) -> str:
        return subprocess.run(
            [sys.executable, "-c", _SCRIPT, str(tmp_path / threads), str(csv_file)],
            capture_output=True,
            text=True,
            check=True,
            env={"OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads, "PATH": "/usr/bin:/bin"},
        ).stdout

    with ThreadPoolExecutor() as both:
        digests = list(both.map(train, ("1", "4")))
    assert digests[0].startswith("sha256:")
    assert digests[0] == digests[1]


_SCRIPT = """
import sys
from pathlib import Path
from model.training.parameters import Parameters
from model.training.train import Request, train
root, data = map(Path, sys.argv[1:])
request = Request(data=data, parameters=Parameters(max_iter=40, replicates=100))
print(train(request, lambda line: None, root).model.digest)
"""


def test_equal_inputs_are_not_trained_again(root: Path, csv_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    first = _train(root, csv_file)
    monkeypatch.setattr(fitting, "fit", None)
    again = _train(root, csv_file)
    assert (again.model, again.run_id, again.unchanged) == (first.model, first.run_id, True)
    assert again.metrics == first.metrics
    assert len(run_record.list_all(root)) == 1


def test_force_trains_again_and_finds_the_same_version(root: Path, csv_file: Path) -> None:
    first = _train(root, csv_file)
    forced = _train(root, csv_file, force=True)
    assert forced.run_id != first.run_id
    assert not forced.unchanged
    assert forced.model == first.model
    assert len(ModelRegistry(root).list()) == 1
    assert len(run_record.list_all(root)) == 2


def test_another_seed_is_another_version(root: Path, csv_file: Path) -> None:
    assert [_train(root, csv_file, seed=seed).model.version for seed in (0, 1, 0)] == [1, 2, 1]


def test_a_tampered_version_is_not_taken_for_unchanged(root: Path, csv_file: Path) -> None:
    model = _train(root, csv_file).model
    (model.folder / "files" / "model.onnx").write_bytes(b"")
    with pytest.raises(RegistryError, match="tampered"):
        _train(root, csv_file)
    assert run_record.list_all(root)[-1]["status"] == "failed"


def test_refused_data_leave_nothing_behind(root: Path, tmp_path: Path, csv_bytes: bytes) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_bytes(csv_bytes.replace(b",No,", b",No,x,", 1))
    for path in (bad, tmp_path / "none.csv", tmp_path):
        with pytest.raises(DataError) as caught:
            _train(root, path)
        assert str(path) in str(caught.value)
    assert not root.exists()


def test_a_failing_fit_leaves_a_failed_run_and_no_version(
    root: Path, csv_file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_arguments: object) -> Fitted:
        raise TrainingError("ONNX and scikit-learn differ\nby much")

    monkeypatch.setattr(fitting, "fit", fail)
    with pytest.raises(TrainingError):
        _train(root, csv_file)
    (record,) = run_record.list_all(root)
    assert (record["status"], record["error"]) == ("failed", "ONNX and scikit-learn differ")
    assert ModelRegistry(root).list() == []


def test_a_model_that_differs_in_onnx_is_never_registered(
    root: Path, csv_file: Path, monkeypatch: pytest.MonkeyPatch, fitted: Fitted, parts: tuple[Dataset, Dataset]
) -> None:
    assert parts[1].label.size
    monkeypatch.setattr("model.training.onnx_export.to_onnx", lambda _model: fitted.files["model.onnx"])
    request = Request(data=csv_file, parameters=Parameters(max_iter=3, replicates=100))
    with pytest.raises(TrainingError, match="differ by"):
        training.train(request, lambda _line: None, root)
    assert ModelRegistry(root).list() == []


@pytest.mark.slow
def test_an_interrupted_training_is_canceled(project: Path, home: Path, csv_file: Path) -> None:
    command = [sys.executable, "-c", "from model.cli.main import main; main()", "train", "--data", str(csv_file)]
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


def test_a_run_keeps_the_answers_that_its_metrics_come_from(root: Path, csv_file: Path) -> None:
    outcome = _train(root, csv_file)
    path = run_record.files(outcome.run_id, root) / "outputs" / "evaluation.json"
    kept = Evaluation.from_json(path.read_bytes(), "evaluation.json")
    assert list(kept.probability) == ["model", "logistic", "majority"]
    values = evaluate.draws(kept.label, kept.customer, kept.probability, replicates=1, seed=0)
    for name, measured in outcome.metrics["models"].items():
        for metric, each in measured.items():
            assert values[name][metric][0] == each["value"]
    assert len(kept.label) == outcome.metrics["rows"]
    assert len(np.unique(kept.customer)) == outcome.metrics["customers"]
