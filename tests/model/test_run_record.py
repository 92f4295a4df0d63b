import os
import subprocess
from pathlib import Path

import pytest

from model import run_record
from model.errors import RunError


def test_a_run_is_on_disk_from_its_start_to_its_end(root: Path) -> None:
    run = run_record.Run.start("churn", {"inputs": {"seed": 1}}, root)
    assert run_record.get(run.id, root)["status"] == "running"
    run.log("fitting")
    run.save({"model.onnx": b"1"})
    run.finish(run_record.COMPLETED, metrics={"accuracy": 0.5})
    record = run_record.get(run.id, root)
    assert record["status"] == "completed"
    assert record["inputs"] == {"seed": 1}
    assert [(each["path"], each["size"]) for each in record["outputs"]] == [("model.onnx", 1)]
    assert record["duration_seconds"] >= 0
    assert record["started_at"] <= record["ended_at"]
    assert record["ended_at"].endswith("+00:00")
    assert (run.folder / "log.txt").read_text().endswith(" fitting\n")


def test_runs_of_one_millisecond_have_ids_of_their_own(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 1_700_000_000_000_000_000)
    ids = [run_record.Run.start("churn", {}, root).id for _ in range(3)]
    assert ids == ["churn_1700000000000", "churn_1700000000001", "churn_1700000000002"]
    assert [each["id"] for each in run_record.list_all(root)] == ids


@pytest.mark.parametrize("run_id", ["churn_1", "", "..", "../models"])
def test_a_run_that_is_not_there_is_told_in_one_line(root: Path, run_id: str) -> None:
    with pytest.raises(RunError, match="workbench history list"):
        run_record.get(run_id, root)


def test_a_broken_record_is_told_by_its_path(root: Path) -> None:
    run = run_record.Run.start("churn", {}, root)
    (run.folder / "run.json").write_text("{")
    with pytest.raises(RunError, match=r"run.json cannot be read"):
        run_record.list_all(root)


def test_git_tells_the_commit_and_whether_there_are_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("GIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    assert run_record.git_state(tmp_path) is None

    def git(*arguments: str) -> str:
        identity = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        command = ["git", "-C", str(tmp_path), *identity, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout

    git("init", "--quiet")
    assert run_record.git_state(tmp_path) is None
    (tmp_path / "file").write_text("1")
    git("add", "file")
    git("commit", "--quiet", "-m", "one")
    commit = git("rev-parse", "HEAD").strip()
    assert run_record.git_state(tmp_path) == {"commit": commit, "dirty": False}
    (tmp_path / "file").write_text("2")
    assert run_record.git_state(tmp_path) == {"commit": commit, "dirty": True}
