"""Registries that others can write to: no record, name or link of theirs leads this machine out of the registry."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.registry.stores.records import all_files, change_record
from workbench.experiments.runs import run_record

Call = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize(
    "fields",
    [
        {"files_key": "../../foreign"},
        {"files_key": "../../foreign/files"},
        {"files_key": "models"},
        {"files_key": "models/other/1/files"},
        {"files_key": "files/models/../../../foreign"},
        {"files_key": ["a"]},
        {"name": "../../../../foreign"},
        {"name": "other"},
        {"name": None},
        {"version": 2},
        {"version": True},
        {"version": "1"},
        {"version": 1.0},
        {"files": [{"path": "../../../../foreign/files/precious", "sha256": "0" * 64, "size": 4}]},
        {"files": [{"path": "/etc/passwd", "sha256": "0" * 64, "size": 4}]},
        {"files": [{"path": "a", "sha256": "0" * 64, "size": 10**400}]},
        {"files": [{"path": "a", "sha256": "0" * 64, "size": 1}] * 2},
        {"files": "model.onnx"},
        {"files": None},
        {"digest": "sha256:../.."},
        {"tags": {"a": 1}},
        {"description": {}},
        {"created_at": "yesterday"},
        {"created_at": "0001-01-01T00:00:00"},
        {"run_id": 7},
        {"metrics": []},
        {"folder": "/"},
    ],
)
def test_a_record_that_does_not_fit_its_key_is_one_line_of_every_verb_and_nothing_happens(
    call: Call, project: Path, registry: Path, foreign: Path, fields: dict[str, Any]
) -> None:
    record = registry / "models" / "churn" / "1" / "model.json"
    change_record(record, **fields)
    before = all_files(registry), all_files(foreign), all_files(project)
    for arguments in (
        ("model", "list"),
        ("model", "show", "churn:1"),
        ("model", "download", "churn:1", "--to", "there"),
        ("model", "tag", "churn:1", "a=b"),
        ("model", "delete", "churn:1", "--yes"),
        ("model", "usage", "churn"),
        ("manifest", "create", "-n", "churnpred", "-i", "churn:1"),
        ("gc", "--yes"),
    ):
        code, out, err = call(*arguments)
        assert (code, out, err.count("\n")) == (1, "", 1)
        assert "report this" not in err
        assert "models/churn/1/model.json cannot be read (" in err or arguments[0] == "gc"
    assert (all_files(registry), all_files(foreign), all_files(project)) == before


@pytest.mark.parametrize("link", ["models", "models/churn", "models/churn/1"])
def test_nothing_behind_a_link_in_the_registry_is_read_or_deleted(
    call: Call, registry: Path, foreign: Path, link: str, tmp_path: Path
) -> None:
    real = registry / link
    moved = tmp_path / "moved"
    real.rename(moved)
    real.symlink_to(moved)
    before = all_files(moved), all_files(foreign)
    (tmp_path / "new.bin").write_bytes(b"2")
    for arguments in (
        ("model", "delete", "churn:1", "--yes"),
        ("model", "show", "churn:1"),
        ("model", "register", "-n", "churn", "-m", tmp_path / "new.bin"),
        ("model", "tag", "churn:1", "a=b"),
    ):
        code, _, err = call(*arguments)
        assert (code, err.count("\n")) == (1, 1)
        assert "report this" not in err
    assert "churn" not in call("model", "list")[1]
    assert (all_files(moved), all_files(foreign)) == before


@pytest.mark.parametrize("place", ["models/churn/1/files/more", "models/churn/1/files/model.onnx"])
@pytest.mark.parametrize("kind", ["file", "folder", "pipe"])
def test_a_link_among_a_models_files_takes_nothing_along(
    call: Call, project: Path, registry: Path, foreign: Path, place: str, kind: str
) -> None:
    path = registry / place
    path.unlink(missing_ok=True)
    if kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to(foreign / "files" / ("precious" if kind == "file" else ""))
    for arguments in (
        ("model", "show", "churn:1"),
        ("model", "download", "churn:1", "--to", "there"),
        ("manifest", "create", "-n", "churnpred", "-i", "churn:1", "-s", "Pulumi.yaml"),
    ):
        code, out, err = call(*arguments)
        assert (code, out) == (1, "")
        assert "tampered" in err
    assert not (project / "there").exists()
    assert [path for path in registry.rglob("precious") if not path.is_relative_to(registry / "models")] == []


@pytest.mark.parametrize("name", ["model.json", "run.json"])
@pytest.mark.parametrize("kind", ["link", "pipe", "folder", "deep", "huge", "nothing", "list"])
def test_a_record_that_is_no_plain_json_object_is_one_line_and_no_wait(
    call: Call, registry: Path, tmp_path: Path, name: str, kind: str
) -> None:
    run = run_record.Run.start("churn", {})
    run.finish(run_record.COMPLETED)
    path = registry / "models" / "churn" / "1" / name if name == "model.json" else run.folder / name
    secret = tmp_path / "secret.json"
    secret.write_text('{"secret": "s3cret"}')
    path.unlink()
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "link":
        path.symlink_to(secret)
    elif kind == "folder":
        path.mkdir()
    elif kind == "huge":
        path.touch()
        os.truncate(path, 1 << 40)
    else:
        path.write_text({"deep": '{"a":' + "[" * 100_000, "nothing": "", "list": "[]"}[kind])
    verb = "model" if name == "model.json" else "history"
    code, out, err = call(verb, "list")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert f"{name} cannot be read (" in err
    assert "s3cret" not in err


@pytest.mark.parametrize("kind", ["file", "link", "pipe"])
def test_a_number_that_is_taken_by_no_folder_ends_a_registration_in_one_line(
    call: Call, registry: Path, tmp_path: Path, kind: str
) -> None:
    taken = registry / "models" / "churn" / "2"
    if kind == "link":
        taken.symlink_to(tmp_path)
    elif kind == "pipe":
        os.mkfifo(taken)
    else:
        taken.touch()
    (tmp_path / "new.bin").write_bytes(b"2")
    code, out, err = call("model", "register", "-n", "churn", "-m", tmp_path / "new.bin")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "models/churn/2" in err
    assert [path.name for path in (registry / "models" / "churn").iterdir() if path.name[0] == "."] == []
