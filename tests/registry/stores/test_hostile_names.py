"""Registries that others can write to: strange names, keys and links in them, and files that two records name."""

import errno
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.registry.stores.records import change_record
from workbench.core.confined import ConfinedError
from workbench.core.errors import RegistryError, WorkbenchError
from workbench.registry.models.registry import ModelRegistry
from workbench.registry.stores.folder_store import FolderStore

Call = Callable[..., tuple[int, str, str]]


@pytest.mark.parametrize("name", ["Churn", "..x", "-a", "a b", "lost+found", "\u0661"])
def test_folders_that_no_model_can_be_called_are_not_models(call: Call, registry: Path, name: str) -> None:
    (registry / "models" / name / "1").mkdir(parents=True)
    code, out, _ = call("model", "list", "-o", "json")
    assert (code, [each["name"] for each in json.loads(out)]) == (0, ["churn"])


@pytest.mark.parametrize("name", ["\u0661.1.json", "1.\u0661.json", "01.1.json", "1.0.json", "x.1.json"])
def test_notes_with_other_digits_than_ours_are_not_notes(call: Call, registry: Path, name: str) -> None:
    (registry / "models" / "churn" / "notes").mkdir()
    (registry / "models" / "churn" / "notes" / name).write_text('{"tags":{"a":"b"},"description":"","deleted_at":""}')
    code, out, _ = call("model", "list", "-o", "json")
    assert (code, json.loads(out)[0]["tags"]) == (0, {})


def test_a_store_follows_no_key_out_of_its_folder(tmp_path: Path, foreign: Path) -> None:
    store = FolderStore(tmp_path / "store")
    (tmp_path / "store").mkdir()
    for key in ("../foreign", "../foreign/files", "a/../../foreign", "/etc", "a//b", ""):
        for act in (store.remove, store.read, store.names, store.folder, store.newest):
            with pytest.raises(ConfinedError):
                act(key)
        with pytest.raises(ConfinedError):
            store.create(f"{key}/x", b"{}")
        with pytest.raises(ConfinedError):
            store.replace(f"{key}/x", b"{}")
    assert sorted(path.name for path in foreign.rglob("*")) == ["files", "precious"]


def test_removing_a_key_that_is_a_link_removes_the_link_alone(tmp_path: Path, foreign: Path) -> None:
    store = FolderStore(tmp_path / "store")
    (tmp_path / "store" / "models").mkdir(parents=True)
    (tmp_path / "store" / "models" / "churn").symlink_to(foreign)
    store.remove("models/churn")
    assert not (tmp_path / "store" / "models" / "churn").is_symlink()
    assert (foreign / "files" / "precious").read_text() == "mine"


def test_what_is_left_over_behind_links_is_not_told(home: Path, registry: Path, foreign: Path) -> None:
    assert home
    (registry / "models" / "evil").symlink_to(foreign.parent)
    os.utime(foreign / "files", (0, 0))
    assert ModelRegistry().litter(0) == []


def test_another_error_than_a_missing_place_is_raised_as_it_is(registry: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def away(*_arguments: object, **_options: object) -> bytes:
        raise OSError(errno.EIO, "Input/output error", "place")

    monkeypatch.setattr("workbench.core.atomic_files.read_plain", away)
    with pytest.raises(OSError, match="Input/output"):
        ModelRegistry(registry).list()


def test_files_that_two_versions_name_go_with_the_last_of_them(root: Path) -> None:
    registry = ModelRegistry(root)
    version = registry.register("churn", {"model.onnx": b"1"}, run_id="", metrics={})
    apart = f"files/models/{'a' * 32}"
    (root / "files" / "models").mkdir(parents=True)
    (version.folder / "files").rename(root / apart)
    for name in ("churn", "evil"):
        (root / "models" / name / "1").mkdir(parents=True, exist_ok=True)
        record = version.document() | {"name": name, "files_key": apart}
        (root / "models" / name / "1" / "model.json").write_text(json.dumps(record))
    assert (registry.get("evil", 1).folder / "files").is_relative_to(root) or registry.get("evil", 1).fetch()
    registry.delete("evil", 1)
    registry.get("churn", 1).verify()
    registry.delete("churn", 1)
    assert not (root / apart).exists()


def test_an_error_of_a_hostile_registry_is_ours(registry: Path) -> None:
    change_record(registry / "models" / "churn" / "1" / "model.json", name="x" * 10_000)
    with pytest.raises(WorkbenchError) as told:
        ModelRegistry().list()
    assert isinstance(told.value, RegistryError)
    assert len(str(told.value)) < 400
