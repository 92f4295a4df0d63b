"""Runs and models on a real MLflow server, and back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.integration.mlflow_process import interpreter, serving
from tests.tree import TREE
from workbench.core.errors import RunError
from workbench.experiments.mlflow import mlflow_mirror
from workbench.experiments.mlflow.mlflow_server import MlflowError, MlflowServer
from workbench.experiments.runs import run_record
from workbench.experiments.runs.run_record import Run
from workbench.registry.models.registry import ModelRegistry, ModelVersion

pytestmark = pytest.mark.long

_TOLD = [
    {"kind": "metric", "name": "loss", "value": value, "step": step, "time": f"2026-11-24T10:00:0{step}.000+00:00"}
    for step, value in enumerate((0.9, 0.5, 0.25))
]


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with serving(tmp_path_factory.mktemp("mlflow")) as running:
        yield running


@pytest.fixture
def project(request: pytest.FixtureRequest) -> str:
    """A name of its own, since all tests share the server."""
    return f"p{abs(hash(request.node.name)):x}"[:20]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "registry"


def _ended_run(project: str, root: Path, status: str = run_record.COMPLETED) -> Run:
    facts = {"inputs": {"seed": 3, "parameters": {"max_iter": 12}}, "git": {"commit": "c0ffee", "dirty": True}}
    run = Run.start(project, facts, root)
    run.log("fitting")
    run.save({"model.onnx": b"1" * 5000, "plots/roc.png": b"png"})
    (run.folder / "tracking.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in _TOLD))
    measured = {"roc_auc": {"value": 0.9, "low": 0.85, "high": 0.95}, "rows": 1500}
    run.finish(status, metrics=measured)
    return run


def _register(project: str, root: Path, run_id: str = "", content: bytes = b"1") -> ModelVersion:
    files = {"model.onnx": content * 5000, "deep/a file.txt": b"x"}
    return ModelRegistry(root).register(
        project, files, run_id=run_id, metrics={}, description="for people", tags={"stage": "tried"}
    )


def _mlflow_run(address: str, mlflow_id: str) -> dict[str, Any]:
    run: dict[str, Any] = MlflowServer(address).get("runs/get", run_id=mlflow_id)["run"]
    return run


def test_a_run_is_mirrored_with_all_that_was_recorded(address: str, project: str, root: Path) -> None:
    run = _ended_run(project, root)
    mlflow_id = mlflow_mirror.mirror_run(run.id, address, root)
    found = _mlflow_run(address, mlflow_id)
    assert found["info"]["status"] == "FINISHED"
    assert found["info"]["run_name"] == run.id
    parameters = {each["key"]: each["value"] for each in found["data"]["params"]}
    assert {"max_iter": "12", "seed": "3", "git.commit": "c0ffee"}.items() <= parameters.items()
    metrics = {each["key"]: each["value"] for each in found["data"]["metrics"]}
    assert metrics == {"roc_auc": 0.9, "roc_auc.low": 0.85, "roc_auc.high": 0.95, "rows": 1500.0, "loss": 0.25}
    history = MlflowServer(address).get("metrics/get-history", run_id=mlflow_id, metric_key="loss")["metrics"]
    assert [(each["step"], each["value"]) for each in history] == [(0, 0.9), (1, 0.5), (2, 0.25)]
    tags = {each["key"]: each["value"] for each in found["data"]["tags"]}
    assert {
        "workbench.run": run.id,
        "workbench.status": "completed",
        "workbench.git.dirty": "True",
    }.items() <= tags.items()
    place = found["info"]["artifact_uri"]
    paths = set(MlflowServer(address).artifacts(place))
    assert {"run.json", "log.txt", "outputs/model.onnx", "outputs/plots/roc.png"} <= paths
    assert MlflowServer(address).download(place, "outputs/model.onnx") == b"1" * 5000


def test_mirroring_twice_changes_nothing(address: str, project: str, root: Path) -> None:
    run = _ended_run(project, root)
    first = mlflow_mirror.mirror_run(run.id, address, root)
    before = _mlflow_run(address, first)
    assert mlflow_mirror.mirror_run(run.id, address, root) == first
    assert _mlflow_run(address, first) == before


def test_a_mirroring_that_broke_is_completed_by_the_next(
    address: str, project: str, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = _ended_run(project, root, run_record.FAILED)

    def broken(*_: object) -> None:
        raise MlflowError("the network went away")

    monkeypatch.setattr(MlflowServer, "upload", broken)
    with pytest.raises(MlflowError, match="went away"):
        mlflow_mirror.mirror_run(run.id, address, root)
    monkeypatch.undo()
    mlflow_id = mlflow_mirror.mirror_run(run.id, address, root)
    found = _mlflow_run(address, mlflow_id)
    assert found["info"]["status"] == "FAILED"
    assert "outputs/model.onnx" in set(MlflowServer(address).artifacts(found["info"]["artifact_uri"]))


def test_a_run_that_goes_on_is_not_mirrored(address: str, project: str, root: Path) -> None:
    run = Run.start(project, {}, root)
    with pytest.raises(RunError, match="goes on; mirror it when it has ended"):
        mlflow_mirror.mirror_run(run.id, address, root)


def test_a_model_goes_to_the_server_with_its_run_and_comes_back_by_alias(
    address: str, project: str, root: Path, tmp_path: Path
) -> None:
    run = _ended_run(project, root)
    version = _register(project, root, run.id)
    uri = mlflow_mirror.mirror_model(version, address, root)
    assert uri == f"models:/{project}/1"
    assert mlflow_mirror.mirror_model(version, address, root) == uri
    server = MlflowServer(address)
    theirs = server.get("model-versions/get", name=project, version="1")["model_version"]
    tags = {each["key"]: each["value"] for each in theirs["tags"]}
    assert tags == {"stage": "tried", "workbench.model": f"{project}:1", "workbench.digest": version.digest}
    assert theirs["description"] == "for people"
    assert theirs["run_id"] == mlflow_mirror.mirror_run(run.id, address, root)
    server.post("registered-models/alias", {"name": project, "alias": "champion", "version": "1"})
    back = mlflow_mirror.register_from(f"models:/{project}@champion", address, root=tmp_path / "other")
    assert (back.digest, back.description) == (version.digest, "for people")
    assert back.tags == {
        "mlflow.model": f"models:/{project}/1",
        "mlflow.tracking_uri": address,
        "mlflow.run_id": theirs["run_id"],
    }
    # At home those files are a version already.
    assert mlflow_mirror.register_from(f"models:/{project}/1", address, root=root) == version


def test_a_model_without_a_run_is_mirrored_with_its_files(address: str, project: str, root: Path) -> None:
    for number, run_id in ((1, ""), (2, "deleted_1")):
        version = _register(project, root, run_id, str(number).encode())
        assert mlflow_mirror.mirror_model(version, address, root) == f"models:/{project}/{number}"
    back = mlflow_mirror.register_from(f"models:/{project}/2", address, name="renamed", root=root)
    assert (back.name, back.version, back.digest) == ("renamed", 1, version.digest)


def test_a_model_that_mlflow_itself_logged_is_registered(
    address: str, project: str, root: Path, tmp_path: Path
) -> None:
    program = (
        "import mlflow, sys; mlflow.set_tracking_uri(sys.argv[1]); mlflow.set_experiment(sys.argv[2])\n"
        "from sklearn.linear_model import LogisticRegression\n"
        "fitted = LogisticRegression().fit([[0.0], [1.0]], [0, 1])\n"
        "mlflow.sklearn.log_model(fitted, name='model', registered_model_name=sys.argv[2],\n"
        "    serialization_format='pickle')\n"
    )
    command = [str(interpreter()), "-W", "ignore", "-c", program, address, project]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    back = mlflow_mirror.register_from(f"models:/{project}/1", address, root=root)
    assert {"MLmodel", "model.pkl", "requirements.txt"} <= {entry["path"] for entry in back.files}


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("models:/nothing/1", "models:/nothing/1: MLflow at http.* has no such model version"),
        ("models:/nothing@best", "has no such model version"),
        ("models:/churn", "write models:/NAME@ALIAS or models:/NAME/VERSION"),
        ("models:/churn/latest", "write models:/NAME@ALIAS"),
        ("runs:/abc/model", "write models:/NAME@ALIAS"),
        ("models:/Not A Name/1", "give the model a name for here with -n"),
    ],
)
def test_a_model_that_cannot_be_had_is_told_in_one_line(address: str, root: Path, uri: str, message: str) -> None:
    with pytest.raises(MlflowError, match=message) as caught:
        mlflow_mirror.register_from(uri, address, root=root)
    assert "\n" not in str(caught.value)
    assert not root.exists()


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("", "no MLflow server is named"),
        ("sqlite:///mlflow.db", "is not the address of a server"),
        ("http://ann:secret@127.0.0.1:9", "set MLFLOW_TRACKING_USERNAME"),
        ("http://127.0.0.1:9", "does not answer .*Connection refused.*; is it up there"),
    ],
)
def test_a_server_that_cannot_be_used_is_told_in_one_line(
    root: Path, monkeypatch: pytest.MonkeyPatch, uri: str, message: str
) -> None:
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    with pytest.raises(MlflowError, match=message) as caught:
        mlflow_mirror.register_from("models:/churn/1", uri, root=root)
    assert "\n" not in str(caught.value)
    assert "secret" not in str(caught.value)


def test_the_verbs_print_what_became_of_it(address: str, project: str, tmp_path: Path) -> None:
    home = tmp_path / "home"
    run = _ended_run(project, home / "registry")
    _register(project, home / "registry", run.id)

    def workbench(*arguments: str) -> dict[str, Any]:
        code = "from workbench.cli.main import main; main()"
        command = [sys.executable, "-c", code, "mlflow", *arguments, "-o", "json"]
        environment = {**os.environ, "WORKBENCH_HOME": str(home), "MLFLOW_TRACKING_URI": address}
        done = subprocess.run(command, cwd=TREE, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        answer: dict[str, Any] = json.loads(done.stdout)
        return answer

    assert workbench("run", run.id)["run"] == run.id
    assert workbench("model", f"{project}:1") == {"model": f"{project}:1", "mlflow_model": f"models:/{project}/1"}
    assert workbench("register", f"models:/{project}/1", "-n", "copy")["name"] == "copy"
