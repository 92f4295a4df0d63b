"""`workbench train` of any project: its script as a recorded run, its outputs as the next version."""

from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.core.errors import DataError, RegistryError, RunError, WorkbenchError
from workbench.experiments import training
from workbench.experiments.runs import run_record
from workbench.experiments.training import Outcome
from workbench.registry.models.registry import ModelRegistry

SCRIPT = """
import pathlib, sys
from workbench import tracking
from parts.value import VALUE
folder = pathlib.Path("outputs/model")
folder.mkdir(parents=True)
(folder / "w.txt").write_text(f"{VALUE} {' '.join(sys.argv[1:])}")
pathlib.Path("outputs/plot.txt").write_text("kept by the run alone")
tracking.log("loss", 0.5)
tracking.log_report({"models": {"model": {"auc": {"value": 0.8, "low": 0.7, "high": 0.9}}}, "level": 0.95})
print("fitting")
sys.exit("--fail" in sys.argv)
"""
TRAINING = """
script: "code/train.py"
arguments: ["--depth", "4"]
data: "data.csv"
outputs: "outputs/model"
model: "iris"
service: "irisd"
"""


@pytest.fixture
def trains(project: Path) -> Path:
    """A project whose script takes no time and imports a package of the project's own."""
    (project / "code").mkdir()
    (project / "parts").mkdir()
    (project / "parts" / "value.py").write_text("VALUE = 1\n")
    (project / "code" / "train.py").write_text(SCRIPT)
    (project / "data.csv").write_text("a\n1\n")
    (project / "training.yaml").write_text(TRAINING)
    return project


@pytest.fixture
def train(trains: Path, root: Path) -> Callable[..., Outcome]:
    def run(*arguments: str, data: Path | None = None, force: bool = False, model: str = "iris") -> Outcome:
        request = training.Request(
            training=training.read(trains), model=model, data=data, arguments=arguments, force=force
        )
        return training.train(request, lambda _line: None, lambda _data: None, root)

    return run


def test_a_training_gives_a_version_and_the_record_of_its_run(train: Callable[..., Outcome], root: Path) -> None:
    outcome = train()
    outcome.model.verify()
    assert (outcome.model.label, outcome.unchanged) == ("iris:1", False)
    assert [entry["path"] for entry in outcome.model.files] == ["w.txt"]
    assert (outcome.model.place / "w.txt").read_text() == "1 --depth 4 --data data.csv"
    record = run_record.get(outcome.run_id, root)
    assert (record["status"], record["script"]) == ("completed", "code/train.py")
    assert record["model"] == {"name": "iris", "version": 1, "digest": outcome.model.digest}
    assert [entry["path"] for entry in record["outputs"]] == ["model/w.txt", "plot.txt"]
    assert record["parameters"] == {"depth": 4, "data": "data.csv"}
    assert record["metrics"] == outcome.metrics == outcome.model.metrics
    assert outcome.metrics["models"]["model"]["auc"]["low"] == 0.7
    assert "fitting" in (root / "runs" / outcome.run_id / "log.txt").read_text()


def test_equal_inputs_are_not_trained_again(train: Callable[..., Outcome], root: Path) -> None:
    first, again = train(), train()
    assert (again.model, again.run_id, again.unchanged) == (first.model, first.run_id, True)
    assert again.metrics == first.metrics
    assert len(run_record.list_all(root)) == 1


@pytest.mark.parametrize("changed", ["code", "data", "arguments", "model"])
def test_a_change_of_any_input_is_trained(
    train: Callable[..., Outcome], trains: Path, root: Path, changed: str
) -> None:
    train()
    if changed == "code":
        (trains / "parts" / "value.py").write_text("VALUE = 2\n")
    if changed == "data":
        (trains / "data.csv").write_text("a\n2\n")
    outcome = train(*(["--x"] if changed == "arguments" else []), model="other" if changed == "model" else "iris")
    assert not outcome.unchanged
    assert len(run_record.list_all(root)) == 2


def test_a_changed_stack_file_is_not_trained_for(train: Callable[..., Outcome], trains: Path) -> None:
    train()
    (trains / "Pulumi.staging.yaml").write_text("config: {}\n")
    assert train().unchanged


def test_force_trains_again_and_finds_the_same_version(train: Callable[..., Outcome], root: Path) -> None:
    first, forced = train(), train(force=True)
    assert (forced.run_id != first.run_id, forced.unchanged, forced.model) == (True, False, first.model)
    assert len(ModelRegistry(root).list()) == 1


def test_a_script_that_fails_leaves_a_failed_run_and_no_version(train: Callable[..., Outcome], root: Path) -> None:
    with pytest.raises(RunError, match=r"failed: exit code 1; no model was registered; look: workbench history show"):
        train("--fail")
    (record,) = run_record.list_all(root)
    assert record["status"] == "failed"
    assert ModelRegistry(root).list() == []


def test_a_run_without_outputs_is_failed(train: Callable[..., Outcome], trains: Path, root: Path) -> None:
    (trains / "code" / "train.py").write_text("print('nothing')\n")
    with pytest.raises(RunError, match="wrote no file below outputs/model"):
        train()
    assert run_record.list_all(root)[-1]["status"] == "failed"


def test_a_tampered_version_is_not_taken_for_unchanged(train: Callable[..., Outcome], root: Path) -> None:
    (train().model.place / "w.txt").write_bytes(b"")
    with pytest.raises(RegistryError, match="tampered"):
        train()
    assert run_record.list_all(root)[-1]["status"] == "failed"


def test_data_may_lie_in_the_project_or_elsewhere(
    train: Callable[..., Outcome], trains: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "far.csv").write_text("a\n3\n")
    (trains / "code" / "near.csv").write_text("a\n4\n")
    monkeypatch.chdir(trains / "code")
    near = train(data=Path("near.csv"))
    assert (near.model.place / "w.txt").read_text().endswith("--data code/near.csv")
    far = train(data=tmp_path / "far.csv")
    assert (far.model.place / "w.txt").read_text().endswith("data/1-far.csv")


def test_data_that_cannot_be_read_begins_no_run(train: Callable[..., Outcome], root: Path) -> None:
    with pytest.raises(DataError, match=r"none\.csv: cannot be read \(No such file or directory\); give --data"):
        train(data=Path("none.csv"))
    assert run_record.list_all(root) == []


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("model: 'x'\n", "script: is missing"),
        ("script: 'a.py'\noutput: 'outputs'\n", "line 2: 'output' is no key of this file; did you mean 'outputs'"),
        ("script: 'a.py'\noutputs: 'results'\n", "'results' is not outputs, nor a folder in it"),
        ("script: 'a.py'\noutputs: 'outputs/../..'\n", "is not outputs, nor a folder in it"),
        ("script: 'a.py'\nscore: 'none.py'\n", "none.py: there is no such file in the project"),
        ("script: 'a.py'\nscore: '../score.py'\n", "leads"),
        ("script: 3\n", "line 1: script: 3 is not a text in quotes"),
    ],
)
def test_a_training_file_that_says_something_else_is_refused(trains: Path, text: str, words: str) -> None:
    (trains / "training.yaml").write_text(text)
    with pytest.raises(WorkbenchError, match=words):
        training.read(trains)


def test_model_and_service_are_named_after_the_project_by_default(trains: Path) -> None:
    (trains / "training.yaml").write_text("script: 'train.py'\n")
    found = training.read(trains)
    assert (found.model, found.service, found.outputs) == ("churn", "churn", "outputs")
