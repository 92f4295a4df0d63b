import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.registry.models.writers import Writers
from tests.waiting import until
from workbench.core.errors import RunError
from workbench.experiments.runs import run_record
from workbench.registry.stores import heartbeat


@pytest.fixture
def writers(root: Path) -> Iterator[Writers]:
    made = Writers({"WORKBENCH_REGISTRY": str(root)})
    yield made
    made.end()


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


def test_a_run_that_was_killed_is_lost_and_its_record_stays_as_it_wrote_it(root: Path, writers: Writers) -> None:
    run_id = writers.begin_run()
    record = root / "runs" / run_id / "run.json"
    before = record.read_bytes()
    assert run_record.get(run_id, root)["status"] == "running"
    writers.kill(1, seconds=0, seed=0)
    writers.wait()
    assert run_record.get(run_id, root)["status"] == run_record.LOST
    assert [each["status"] for each in run_record.list_all(root)] == ["lost"]
    assert record.read_bytes() == before


def test_another_process_with_the_same_number_is_not_the_run(root: Path) -> None:
    run = run_record.Run.start("churn", {}, root)
    assert run_record.get(run.id, root)["status"] == "running"
    _rewrite(run, writer=heartbeat.identity() | {"started": 1})
    assert run_record.get(run.id, root)["status"] == "lost"


@pytest.mark.parametrize("elsewhere", [{"boot": "another machine"}, {"space": "pid:[another container]"}])
def test_of_a_run_elsewhere_the_last_beat_tells(root: Path, elsewhere: dict[str, str]) -> None:
    run = run_record.Run.start("churn", {}, root)
    _wait_for(run.folder / "beat")
    _rewrite(run, writer=heartbeat.identity() | elsewhere)
    assert run_record.get(run.id, root)["status"] == "running"
    long_ago = time.time() - heartbeat.LOST_SECONDS - 1
    os.utime(run.folder / "beat", (long_ago, long_ago))
    assert run_record.get(run.id, root)["status"] == "lost"
    (run.folder / "beat").unlink()
    assert run_record.get(run.id, root)["status"] == "lost"


def test_a_running_record_of_before_there_were_writers_is_lost(root: Path) -> None:
    run = run_record.Run.start("churn", {}, root)
    run.finish(run_record.COMPLETED)
    document = {key: value for key, value in run.document.items() if key != "writer"}
    (run.folder / "run.json").write_text(json.dumps(document | {"status": "running"}))
    assert run_record.get(run.id, root)["status"] == "lost"


def test_a_run_beats_again_and_again_and_no_more_after_its_end(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.01)
    run = run_record.Run.start("churn", {}, root)
    _wait_for(run.folder / "beat")
    (run.folder / "beat").unlink()
    _wait_for(run.folder / "beat")
    run.finish(run_record.COMPLETED)
    assert sorted(path.name for path in run.folder.iterdir()) == ["outputs", "run.json"]


def test_a_beat_that_fails_ends_neither_the_run_nor_the_beats(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT_SECONDS", 0.01)
    run = run_record.Run.start("churn", {}, root)
    aside = run.folder.rename(root / "aside")
    time.sleep(0.05)
    aside.rename(run.folder)
    (run.folder / "beat").unlink(missing_ok=True)
    _wait_for(run.folder / "beat")
    run.finish(run_record.COMPLETED)


def test_facts_are_added_while_a_run_goes_on(root: Path) -> None:
    run = run_record.Run.start("churn", {"inputs": {}}, root)
    run.note(target="docker", inputs={"seed": 1})
    record = run_record.get(run.id, root)
    assert (record["status"], record["target"], record["inputs"]) == ("running", "docker", {"seed": 1})


def test_a_run_is_found_by_the_start_of_its_id(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("time.time_ns", lambda: 1_700_000_000_000_000_000)
    ids = [run_record.Run.start(project, {}, root).id for project in ("churn", "other", "churn")]
    assert run_record.find("oth", root)["id"] == ids[1]
    assert run_record.find(ids[0], root)["id"] == ids[0]
    with pytest.raises(RunError, match=r"'churn_17' fits 2 runs, such as churn_1700000000000 and churn_1700000000001"):
        run_record.find("churn_17", root)
    for text in ("", "nothing"):
        with pytest.raises(RunError, match="is not in"):
            run_record.find(text, root)


def test_the_files_of_a_run_are_given_intact_or_not_at_all(root: Path) -> None:
    run = run_record.Run.start("churn", {}, root)
    run.save({"model.onnx": b"1"})
    assert run_record.files(run.id, root) == run.folder
    run.finish(run_record.COMPLETED)
    assert (run_record.files(run.id, root) / "outputs" / "model.onnx").read_bytes() == b"1"
    (run.folder / "outputs" / "model.onnx").write_bytes(b"2")
    with pytest.raises(RunError, match=r"model.onnx has sha256"):
        run_record.files(run.id, root)


def test_a_run_is_deleted_unless_it_goes_on(root: Path) -> None:
    run = run_record.Run.start("churn", {}, root)
    with pytest.raises(RunError, match="is running; stop it first"):
        run_record.delete(run.id, root)
    run.finish(run_record.CANCELED)
    run_record.delete(run.id, root)
    assert list((root / "runs").iterdir()) == []
    with pytest.raises(RunError, match="is not in"):
        run_record.delete(run.id, root)


def test_many_runs_are_told_as_they_are_now_whatever_was_kept(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    for index in range(300):
        folder = root / "runs" / f"churn_{index}"
        folder.mkdir(parents=True)
        record = {"id": folder.name, "status": "completed", "started_at": f"2020-01-01T00:00:00.{index:03}+00:00"}
        (folder / "run.json").write_text(json.dumps(record))
    first = run_record.list_all(root)
    (kept,) = [path for path in (tmp_path / "cache").rglob("*") if path.is_file()]
    assert run_record.list_all(root) == first
    assert [each["id"] for each in first] == [f"churn_{index}" for index in range(300)]
    run = run_record.Run.start("churn", {}, root)
    run_record.delete("churn_0", root)
    assert [each["id"] for each in run_record.list_all(root)] == [*(each["id"] for each in first[1:]), run.id]
    run.finish(run_record.FAILED)
    assert run_record.list_all(root)[-1]["status"] == "failed"
    kept.write_bytes(b"broken")
    assert run_record.list_all(root)[-1] == run_record.get(run.id, root)


@pytest.mark.parametrize("run_id", ["churn_1", "", "..", "../models"])
def test_a_run_that_is_not_there_is_told_in_one_line(root: Path, run_id: str) -> None:
    with pytest.raises(RunError, match="workbench history list"):
        run_record.get(run_id, root)


def test_a_broken_record_is_told_by_its_path(root: Path) -> None:
    run = run_record.Run.start("churn", {}, root)
    (run.folder / "run.json").write_text("{")
    with pytest.raises(RunError, match=r"run.json cannot be read"):
        run_record.list_all(root)


@pytest.mark.parametrize("record", ["[]", "{}", '{"id": "x", "status": "running"}'])
def test_a_record_that_lacks_what_every_run_has_is_told_by_its_path(root: Path, record: str) -> None:
    run = run_record.Run.start("churn", {}, root)
    run.finish(run_record.COMPLETED)
    (run.folder / "run.json").write_text(record)
    with pytest.raises(RunError, match=r"run.json cannot be read") as caught:
        run_record.get(run.id, root)
    assert "\n" not in str(caught.value)


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


def _rewrite(run: run_record.Run, **facts: Any) -> None:
    (run.folder / "run.json").write_text(json.dumps(run.document | facts))


def _wait_for(path: Path) -> None:
    """The first beat comes from another thread, at once."""
    until(path.exists, pause=0.01)
