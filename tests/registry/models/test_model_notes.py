"""What is said of a version after it was registered: tags, description, deletion."""

from pathlib import Path

import pytest

from workbench.core.errors import RegistryError
from workbench.registry.models.registry import ModelRegistry, ModelVersion


def _register(root: Path, content: str = "1") -> ModelVersion:
    return ModelRegistry(root).register("churn", {"model.onnx": content.encode()}, run_id="", metrics={})


def test_a_deleted_version_is_gone_and_its_number_is_never_given_again(root: Path) -> None:
    registry = ModelRegistry(root)
    for text in ("1", "2", "3"):
        _register(root, text)
    gone = registry.delete("churn", 3)
    assert not (gone.folder / "files").exists()
    assert [each.version for each in registry.list()] == [1, 2]
    assert registry.latest("churn").version == 2
    assert _register(root, "3").version == 4
    with pytest.raises(RegistryError, match=r"churn:3 was deleted on 20.*; versions of 'churn': 1, 2, 4"):
        registry.get("churn", 3)
    with pytest.raises(RegistryError, match="was deleted"):
        registry.delete("churn", 3)
    with pytest.raises(RegistryError, match="was deleted"):
        registry.tag("churn", 3, {"a": "b"})


def test_a_name_whose_versions_are_all_deleted_has_none(root: Path) -> None:
    _register(root)
    registry = ModelRegistry(root)
    registry.delete("churn", 1)
    assert registry.list("churn") == []
    with pytest.raises(RegistryError, match="has no version"):
        registry.latest("churn")
    assert _register(root).version == 2


def test_what_a_killed_deletion_left_is_litter(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    version = _register(root)
    other = _register(root, "2")
    registry = ModelRegistry(root)
    monkeypatch.setattr(registry.store, "remove", lambda _key: None)  # killed after the note, before the files went
    registry.delete("churn", 1)
    monkeypatch.undo()
    assert registry.list() == [other]
    assert registry.litter(3600) == []
    assert registry.litter(-1) == ["models/churn/1/files"]
    registry.store.remove("models/churn/1/files")
    assert not (version.folder / "files").exists()
    assert registry.litter(-1) == []


def test_tags_and_description_change_while_the_record_stays(root: Path) -> None:
    version = _register(root)
    record = (version.folder / "model.json").read_bytes()
    registry = ModelRegistry(root)
    registry.tag("churn", 1, {"stage": "tried", "owner": "ann"})
    registry.describe("churn", 1, "the first")
    tagged = registry.tag("churn", 1, {"stage": "kept"}, remove=["owner", "never-set"])
    assert tagged == registry.get("churn", 1) == registry.list()[0]
    assert (tagged.tags, tagged.description) == ({"stage": "kept"}, "the first")
    assert tagged.summary() == {
        "Name": "churn",
        "Id": version.digest,
        "Version": 1,
        "CreatedAt": version.created_at,
        "Tags": {"stage": "kept"},
        "Description": "the first",
    }
    assert (version.folder / "model.json").read_bytes() == record


def test_a_change_that_changes_nothing_writes_nothing(root: Path) -> None:
    _register(root)
    registry = ModelRegistry(root)
    registry.tag("churn", 1, {"a": "b"})
    before = sorted(root.rglob("*"))
    registry.tag("churn", 1, {"a": "b"})
    assert sorted(root.rglob("*")) == before


def test_a_version_is_registered_with_its_tags(root: Path) -> None:
    registry = ModelRegistry(root)
    registry.register("churn", {"a": b"1"}, run_id="", metrics={}, tags={"stage": "tried"}, description="d")
    assert (registry.get("churn", 1).tags, registry.get("churn", 1).description) == ({"stage": "tried"}, "d")


@pytest.mark.parametrize(
    ("tags", "message"),
    [
        ({"": "x"}, "tag ''"),
        ({"a b": "x"}, "tag 'a b'"),
        ({"a" * 101: "x"}, "up to 100"),
        ({"a": "\x1b[31m"}, "tag a: up to 5000 characters without control characters"),
        ({"a": "x" * 5001}, "this has 5001"),
    ],
)
def test_a_tag_that_cannot_be_kept_is_refused_in_one_line(root: Path, tags: dict[str, str], message: str) -> None:
    _register(root)
    with pytest.raises(RegistryError, match=message) as caught:
        ModelRegistry(root).tag("churn", 1, tags)
    assert "\n" not in str(caught.value)
    assert ModelRegistry(root).get("churn", 1).tags == {}


def test_a_broken_note_is_told_by_its_path(root: Path) -> None:
    _register(root)
    registry = ModelRegistry(root)
    registry.tag("churn", 1, {"a": "b"})
    (root / "models" / "churn" / "notes" / "1.1.json").write_text("{}")
    with pytest.raises(RegistryError, match=r"notes/1\.1\.json cannot be read \(tags is missing\); remove the file"):
        registry.list()
