"""Where a caller finds the keys: a folder a project, stack and service; what a state from before held is moved."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from workbench.components import key_files
from workbench.components.service_keys import KeysProvider

KEYS = {"primary": "one", "secondary": "two"}
STATE = {"stack": "staging", "service": "churnpred", "generations": {"primary": 1, "secondary": 1}, **KEYS}


@pytest.fixture
def keys(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The home's folder of keys, seen from a project named `churn`."""
    monkeypatch.setenv("WORKBENCH_HOME", str(tmp_path / "home"))
    _enter(tmp_path, monkeypatch, "churn")
    return tmp_path / "home" / "keys"


@pytest.fixture
def old(keys: Path) -> Path:
    """The keys as they lay before a folder had its project's name."""
    folder = keys / "staging" / "churnpred"
    folder.mkdir(parents=True)
    for name, key in {**KEYS, "authorization": "Authorization: Bearer one"}.items():
        (folder / name).write_text(key + "\n")
    return folder


def test_two_projects_with_one_name_of_stack_and_service_keep_their_keys_apart(
    keys: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key_files.write("staging", "churnpred", KEYS)
    _enter(tmp_path, monkeypatch, "fraud")
    key_files.write("staging", "churnpred", {"primary": "three", "secondary": "four"})
    assert (keys / "churn/staging/churnpred/primary").read_text() == "one\n"
    assert (keys / "fraud/staging/churnpred/authorization").read_text() == "Authorization: Bearer three\n"
    key_files.delete("staging", "churnpred", {"primary": "three", "secondary": "four"})
    assert (keys / "churn/staging/churnpred").is_dir()
    assert not (keys / "fraud/staging/churnpred").exists()


def test_a_file_is_its_owners_alone_and_is_not_written_twice(keys: Path) -> None:
    key_files.write("staging", "churnpred", KEYS)
    file = keys / "churn/staging/churnpred/primary"
    before = file.stat()
    key_files.write("staging", "churnpred", {**KEYS, "secondary": "turned"})
    assert stat.S_IMODE(before.st_mode) == 0o600
    assert file.stat().st_ino == before.st_ino
    assert (file.parent / "secondary").read_text() == "turned\n"


def test_a_refresh_moves_the_keys_of_an_old_state_and_leaves_the_state_as_it_is(keys: Path, old: Path) -> None:
    assert KeysProvider().read("staging/churnpred", STATE).outs == STATE
    assert (keys / "churn/staging/churnpred/secondary").read_text() == "two\n"
    assert not old.exists()
    assert not old.parent.exists()


def test_keys_of_another_project_that_lay_in_the_old_place_stay(keys: Path, old: Path) -> None:
    key_files.write("staging", "churnpred", {"primary": "three", "secondary": "four"})
    assert (old / "primary").read_text() == "one\n"
    assert (keys / "churn/staging/churnpred/primary").read_text() == "three\n"


def test_a_service_deleted_before_its_keys_were_moved_leaves_none(keys: Path, old: Path) -> None:
    KeysProvider().delete("staging/churnpred", STATE)
    assert not old.exists()
    assert list(keys.iterdir()) == []


def _enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, project: str) -> None:
    (tmp_path / project).mkdir()
    (tmp_path / project / "Pulumi.yaml").write_text(f"name: {project}\n")
    monkeypatch.chdir(tmp_path / project)
