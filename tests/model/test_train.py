import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from model import train
from model.dataset import Dataset
from model.fitting import Fitted
from model.parameters import Parameters
from tests.tree import TREE
from workbench.core.errors import DataError, TrainingError
from workbench.experiments.history import evaluate
from workbench.experiments.history.evaluation import Evaluation
from workbench.experiments.runs import tracked

QUICK = Parameters(max_iter=12, replicates=100)


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a run, which is the working directory."""
    monkeypatch.setenv("WORKBENCH_TRACKING", str(tmp_path / tracked.FILE))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_a_training_writes_a_model_an_evaluation_and_a_report_of_metrics(run: Path, csv_file: Path) -> None:
    train.train(csv_file, QUICK, seed=0)
    files = {path.relative_to(run / "outputs").as_posix() for path in (run / "outputs").rglob("*") if path.is_file()}
    assert files == {"evaluation.json", "model/model.onnx", "model/service_schema.json", "model/signature.json"}
    told = tracked.read(run)
    assert told.parameters == {**QUICK.as_dict(), "seed": 0}

    kept = Evaluation.from_json((run / "outputs" / "evaluation.json").read_bytes(), "evaluation.json")
    assert list(kept.probability) == ["model", "logistic", "majority"]
    values = evaluate.draws(kept.label, kept.customer, kept.probability, replicates=1, seed=0)
    for name, measured in told.metrics["models"].items():
        for metric, interval in measured.items():
            assert values[name][metric][0] == interval["value"]
    assert (len(kept.label), len(np.unique(kept.customer))) == (told.metrics["rows"], told.metrics["customers"])


@pytest.mark.slow
def test_processes_with_other_threads_and_hash_seeds_train_the_same_bytes(tmp_path: Path, csv_file: Path) -> None:
    def outputs(threads: str) -> bytes:
        folder = tmp_path / threads
        folder.mkdir()
        variables = {"OMP_NUM_THREADS": threads, "PYTHONHASHSEED": threads, "PATH": os.defpath, "PYTHONPATH": str(TREE)}
        command = [sys.executable, str(TREE / "model" / "train.py"), "--data", str(csv_file), "--param", "max_iter=40"]
        subprocess.run(command, cwd=folder, env=variables, capture_output=True, check=True)
        return b"".join(path.read_bytes() for path in sorted((folder / "outputs" / "model").iterdir()))

    with ThreadPoolExecutor() as both:
        first, second = both.map(outputs, ("1", "4"))
    assert first
    assert first == second


def test_data_that_cannot_be_read_leaves_nothing(run: Path, csv_bytes: bytes) -> None:
    (run / "bad.csv").write_bytes(csv_bytes.replace(b",No,", b",No,x,", 1))
    for path in (Path("bad.csv"), Path("none.csv"), run):
        with pytest.raises(DataError, match=str(path)):
            train.train(path, QUICK, seed=0)
    assert [path.name for path in run.iterdir()] == ["bad.csv"]


def test_a_model_that_answers_otherwise_in_onnx_leaves_nothing(
    run: Path, csv_file: Path, monkeypatch: pytest.MonkeyPatch, fitted: Fitted, parts: tuple[Dataset, Dataset]
) -> None:
    assert parts[1].label.size
    monkeypatch.setattr("model.onnx_export.to_onnx", lambda _model: fitted.files["model.onnx"])
    with pytest.raises(TrainingError, match="differ by"):
        train.train(csv_file, Parameters(max_iter=3, replicates=100), seed=0)
    assert not (run / "outputs").exists()


def test_a_wrong_parameter_ends_the_script_in_one_line(run: Path) -> None:
    assert run.is_dir()
    with pytest.raises(SystemExit) as ended:
        train.main(["--data", "none.csv", "--param", "x=1"])
    assert str(ended.value.code).startswith("error: --param 'x=1'")
