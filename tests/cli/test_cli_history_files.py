import json
import os
import pty
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.waiting import patience
from workbench.experiments.runs import run_record
from workbench.experiments.runs.run_record import Run
from workbench.registry.models.registry import ModelRegistry

pytestmark = pytest.mark.usefixtures("project")


def _files(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_outputs_are_downloaded_all_or_by_name_and_again(call: Any, script_run: Any, tmp_path: Path) -> None:
    run_id = script_run(0.5)
    for _ in range(2):
        code, _, err = call("history", "download", run_id, "--to", tmp_path / "all")
        assert code == 0, err
    assert _files(tmp_path / "all") == {"model.pkl": b"1", "plots/roc.png": b"2", "plots/deep/pr.png": b"3"}
    call(
        "history", "download", "-r", run_id, "--path", "outputs/plots", "--path", "model.pkl", "--to", tmp_path / "some"
    )
    assert _files(tmp_path / "some") == {"model.pkl": b"1", "roc.png": b"2", "deep/pr.png": b"3"}
    code, out, _ = call("history", "download", run_id, "--path", "outputs", "--to", tmp_path / "dry", "--dry-run")
    assert (code, out.count("would write"), (tmp_path / "dry").exists()) == (0, 3, False)


def test_the_log_is_downloaded_when_named(call: Any, tmp_path: Path) -> None:
    run = Run.start("churn", {})
    run.log("fitting")
    run.finish(run_record.FAILED)
    assert call("history", "download", "last", "--path", "log.txt", "--to", tmp_path)[0] == 0
    assert _files(tmp_path)["log.txt"].endswith(b" fitting\n")


def test_a_run_without_outputs_says_where_its_log_is(call: Any, tmp_path: Path) -> None:
    Run.start("churn", {}).finish(run_record.FAILED)
    code, _, err = call("history", "download", "last", "--to", tmp_path)
    assert (code, "has no outputs and is failed; its log is --path log.txt" in err) == (1, True)


def test_a_download_writes_over_no_other_file_and_nothing_then(call: Any, script_run: Any, tmp_path: Path) -> None:
    run_id = script_run(0.5)
    (tmp_path / "plots").mkdir()
    (tmp_path / "plots" / "roc.png").write_bytes(b"mine")
    code, _, err = call("history", "download", run_id, "--to", tmp_path)
    assert code == 1
    assert f"{tmp_path}/plots/roc.png: is there and differs" in err
    assert not (tmp_path / "model.pkl").exists()


def test_an_output_that_was_changed_is_refused_by_name(call: Any, script_run: Any, tmp_path: Path) -> None:
    run_id = script_run(0.5)
    (run_record.files(run_id) / "outputs" / "model.pkl").write_bytes(b"other")
    for verb in (["download", run_id, "--to", tmp_path / "x"], ["promote", run_id, "-ap", "model.pkl", "-n", "churn"]):
        code, _, err = call("history", *verb)
        assert code == 1
        assert "model.pkl has sha256" in err
    assert ModelRegistry().list() == []


def test_outputs_are_promoted_to_a_model_that_knows_its_run(call: Any, script_run: Any) -> None:
    run_id = script_run(0.5)
    code, out, _ = call("history", "promote", "-r", run_id, "-ap", "outputs/model.pkl", "-n", "churn", "-o", "json")
    assert code == 0
    (model,) = ModelRegistry().list()
    assert (model.label, model.run_id, model.metrics) == ("churn:1", run_id, {"loss": 0.5})
    assert json.loads(out)["digest"] == model.digest
    call("history", "promote", run_id, "-ap", "outputs/plots", "-ap", "outputs/model.pkl", "-n", "churn")
    assert [entry["path"] for entry in ModelRegistry().latest("churn").files] == ["deep/pr.png", "model.pkl", "roc.png"]


def test_promoting_the_same_files_again_gives_the_same_version_and_says_so(call: Any, script_run: Any) -> None:
    first, second = script_run(0.5), script_run(0.4)
    for run_id in (first, second):
        code, _, err = call("history", "promote", run_id, "-ap", "model.pkl", "-n", "churn")
        assert code == 0
    assert f"churn:1 has the same files, run {first} gave them first" in err
    assert len(ModelRegistry().list()) == 1


def test_a_dry_run_promotes_nothing(call: Any, script_run: Any) -> None:
    script_run(0.5)
    code, out, _ = call("history", "promote", "last", "-ap", "model.pkl", "-n", "churn", "--dry-run", "-o", "json")
    assert (code, json.loads(out)[0]["action"]) == (0, "register")
    assert ModelRegistry().list() == []


def test_runs_are_deleted_with_their_files(call: Any, script_run: Any) -> None:
    ids = [script_run(0.5) for _ in range(3)]
    folder = run_record.files(ids[0])
    code, _, err = call("history", "delete", ids[0], ids[1], "--yes")
    assert (code, err) == (0, f"deleted run {ids[0]}\ndeleted run {ids[1]}\n")
    assert [run["id"] for run in run_record.list_all()] == ids[2:]
    assert not folder.exists()


def test_a_run_that_a_model_came_from_is_kept_unless_its_origin_may_be_lost(call: Any, script_run: Any) -> None:
    run_id = script_run(0.5)
    call("history", "promote", run_id, "-ap", "model.pkl", "-n", "churn")
    code, _, err = call("history", "delete", run_id, "--yes")
    assert (code, "churn:1 came from it" in err) == (1, True)
    code, out, _ = call("history", "delete", run_id, "--keep-models", "--dry-run")
    assert "churn:1 will not know its run" in out
    assert run_record.get(run_id)
    assert call("history", "delete", run_id, "--keep-models", "--yes")[0] == 0
    ModelRegistry().latest("churn").verify()


def test_one_run_that_cannot_go_keeps_all_that_were_named(call: Any, script_run: Any) -> None:
    finished = script_run(0.5)
    running = Run.start("churn", {})
    code, _, err = call("history", "delete", finished, running.id, "--yes")
    assert (code, f"run {running.id}: is running" in err) == (1, True)
    assert len(run_record.list_all()) == 2
    running.finish(run_record.CANCELED)


@pytest.mark.parametrize(("answer", "left"), [("y\n", 0), ("YES\n", 0), ("n\n", 1), ("\n", 1), ("\x04", 1)])
def test_deleting_asks_on_a_terminal(project: Path, script_run: Any, answer: str, left: int) -> None:
    script_run(0.5)
    keyboard, terminal = pty.openpty()
    command = [sys.executable, "-c", "from workbench.cli.main import main; main()", "history", "delete", "last"]
    process = subprocess.Popen(command, stdin=terminal, stderr=subprocess.PIPE, text=True, cwd=project)
    os.write(keyboard, answer.encode())
    assert "will delete run" in process.communicate(timeout=patience())[1]
    for end in (keyboard, terminal):
        os.close(end)
    assert (process.returncode, len(run_record.list_all())) == (0, left)


def test_a_download_is_whole_or_does_not_begin(call: Any, project: Path, tmp_path: Path) -> None:
    assert project
    run = run_record.Run.start("churn", {})
    run.save({"a": b"1", "n" * 250: b"2", "z/deep": b"3"})
    run.finish(run_record.COMPLETED)
    code, _, err = call("history", "download", "last", "--to", tmp_path / "there")
    assert (code, err) == (0, "")
    assert (tmp_path / "there" / ("n" * 250)).read_bytes() == b"2"
    for name in ("file", "link"):
        to = tmp_path / name
        to.mkdir()
        if name == "file":
            (to / "z").write_text("in the way")
        else:
            (to / "z").symlink_to(tmp_path / "there")
        code, _, err = call("history", "download", "last", "--to", to)
        assert (code, err.count("\n")) == (1, 1)
        assert [path.name for path in to.iterdir()] == ["z"]


@pytest.mark.parametrize("path", [".git/hooks/pre-commit", "../escaped", "/escaped"])
def test_a_record_downloads_nothing_into_git_or_out_of_the_folder(call: Any, project: Path, path: str) -> None:
    run = run_record.Run.start("churn", {})
    run.save({"a": b"1"})
    run.finish(run_record.COMPLETED)
    (run.folder / "run.json").write_text(
        (run.folder / "run.json").read_text().replace('"path":"a"', f'"path":"{path}"')
    )
    before = sorted(project.rglob("*"))
    code, out, err = call("history", "download", "last")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "a path that stays in its folder" in err
    assert sorted(project.rglob("*")) == before


def test_a_run_of_an_earlier_version_with_a_colon_in_a_name_is_listed_and_gives_its_other_outputs(
    call: Any, tmp_path: Path
) -> None:
    run = Run.start("churn", {})
    run.save({"model.pkl": b"1", "a.csv": b"2"})
    run.finish(run_record.COMPLETED)
    (run.folder / "outputs" / "a.csv").rename(run.folder / "outputs" / "12:30.csv")
    record = run.folder / "run.json"
    record.write_text(record.read_text().replace("a.csv", "12:30.csv"))
    code, out, err = call("history", "list", "-o", "json")
    assert (code, [each["run"] for each in json.loads(out)]) == (0, [run.id]), err
    code, _, err = call("history", "download", run.id, "--path", "model.pkl", "--to", tmp_path / "some")
    assert (code, _files(tmp_path / "some")) == (0, {"model.pkl": b"1"}), err
    code, _, err = call("history", "download", run.id, "--to", tmp_path / "all")
    assert (code, err.count("\n"), (tmp_path / "all").exists()) == (1, 1, False)
    assert "'12:30.csv' holds a colon" in err
    code, _, err = call("history", "delete", run.id, "--yes")
    assert code == 0, err
