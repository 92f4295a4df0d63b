import json
from pathlib import Path

import pytest

from workbench.core.canonical import canonical_json, digest
from workbench.core.confined import ConfinedError
from workbench.core.errors import RegistryError
from workbench.registry.models.registry import ModelRegistry, ModelVersion


def _register(root: Path, content: str = "1", name: str = "churn") -> ModelVersion:
    files = {"model.onnx": content.encode(), "deep/notes.txt": b"x"}
    return ModelRegistry(root).register(name, files, run_id="churn_1", metrics={"accuracy": 0.5})


def test_files_registered_again_on_purpose_are_the_next_version_and_their_id_means_the_newest(root: Path) -> None:
    first = _register(root)
    registry = ModelRegistry(root)
    again = registry.register(
        "churn", {entry["path"]: (first.place / entry["path"]).read_bytes() for entry in first.files},
        run_id="", metrics={}, again=True,
    )  # fmt: skip
    assert (again.version, again.id) == (2, first.id)
    assert registry.find(first.id).version == 2
    assert _register(root).version == 1


def test_a_version_is_read_back_as_it_was_registered(root: Path) -> None:
    version = _register(root)
    assert ModelRegistry(root).get("churn", 1) == version == ModelRegistry(root).latest("churn")
    assert [entry["path"] for entry in version.files] == ["deep/notes.txt", "model.onnx"]
    assert json.loads((version.folder / "model.json").read_bytes()) == version.document()
    version.verify()


def test_the_digest_depends_on_the_files_alone(root: Path, tmp_path: Path) -> None:
    first = _register(root)
    other = ModelRegistry(tmp_path / "other").register(
        "another", {"deep/notes.txt": b"x", "model.onnx": b"1"}, run_id="x", metrics={}
    )
    assert first.digest == other.digest == digest(canonical_json(first.files))


def test_other_files_get_the_next_number_and_equal_files_the_one_they_have(root: Path) -> None:
    assert [_register(root, text).version for text in ("1", "2", "1", "3")] == [1, 2, 1, 3]
    assert [each.label for each in ModelRegistry(root).list()] == ["churn:1", "churn:2", "churn:3"]


def test_ten_follows_nine(root: Path) -> None:
    assert [_register(root, str(text)).version for text in range(11)] == list(range(1, 12))
    assert ModelRegistry(root).latest("churn").version == 11


def test_a_tampered_file_is_refused_by_name(root: Path) -> None:
    version = _register(root)
    (version.folder / "files" / "model.onnx").write_bytes(b"2")
    with pytest.raises(RegistryError, match=r"churn:1 was tampered with: model.onnx has sha256") as caught:
        version.verify()
    assert "\n" not in str(caught.value)
    with pytest.raises(RegistryError, match="tampered"):
        _register(root)


def test_a_record_that_was_changed_with_its_file_is_refused(root: Path) -> None:
    version = _register(root)
    record = version.document()
    record["files"][1]["sha256"] = "0" * 64
    (version.folder / "model.json").write_bytes(canonical_json(record))
    with pytest.raises(RegistryError, match="digest is not that of its files"):
        ModelRegistry(root).get("churn", 1).verify()


def test_a_broken_record_is_told_in_one_line(root: Path) -> None:
    version = _register(root)
    (version.folder / "model.json").write_text("{")
    with pytest.raises(RegistryError, match=r"model.json cannot be read"):
        ModelRegistry(root).list()


def test_what_is_not_there_is_told_with_what_is(root: Path) -> None:
    registry = ModelRegistry(root)
    with pytest.raises(RegistryError, match="workbench train"):
        registry.latest("churn")
    _register(root)
    with pytest.raises(RegistryError, match=r"churn:7 is not in .* versions of 'churn': 1"):
        registry.get("churn", 7)
    assert registry.list("other") == []


@pytest.mark.parametrize("name", ["", "..", "../x", "Churn", "a/b", "-a", "a-", "a" * 33])
def test_a_name_that_cannot_be_a_folder_is_refused(root: Path, name: str) -> None:
    with pytest.raises(RegistryError, match="name"):
        _register(root, name=name)
    assert not root.exists()


@pytest.mark.parametrize("path", ["../escaped", "/etc/passwd", "a//b", "a/./b", ""])
def test_a_file_outside_of_the_model_is_refused(root: Path, path: str) -> None:
    with pytest.raises(ConfinedError, match="leads out of the folder"):
        ModelRegistry(root).register("churn", {path: b""}, run_id="", metrics={})
    assert ModelRegistry(root).list() == []


def test_a_version_without_its_record_is_told_instead_of_waited_for(root: Path) -> None:
    version = _register(root)
    (version.folder / "model.json").unlink()
    with pytest.raises(RegistryError, match=r"models/churn/1/model.json cannot be read \(it is not there\)"):
        _register(root, "2")


def test_a_model_is_found_by_name_by_number_and_by_the_start_of_its_id(root: Path) -> None:
    first, second, other = _register(root), _register(root, "2"), _register(root, "3", name="cafe")
    registry = ModelRegistry(root)
    assert registry.find("churn") == second
    assert registry.find("churn:1") == first
    assert registry.find(first.id) == first
    assert registry.find(first.id.removeprefix("sha256:")[:12]) == first
    assert registry.find("cafe") == other  # a name goes before digits


def test_an_id_that_fits_two_names_is_told_with_both(root: Path) -> None:
    first = _register(root)
    _register(root, name="another")
    with pytest.raises(RegistryError, match="fits another:1, churn:1; write one of them"):
        ModelRegistry(root).find(first.id[:20])


@pytest.mark.parametrize(
    "text", ["churn:", "churn:x", "churn:0", "churn:-1", "churn:1:2", "Churn", "sha256:12", "a b", ""]
)
def test_what_names_no_model_is_refused_in_one_line(root: Path, text: str) -> None:
    _register(root)
    with pytest.raises(RegistryError, match="write NAME, NAME:VERSION"):
        ModelRegistry(root).find(text)
    with pytest.raises(RegistryError, match="fits no model"):
        ModelRegistry(root).find("0" * 64)


def test_a_download_is_the_registered_files_and_overwrites_nothing(root: Path, tmp_path: Path) -> None:
    version = _register(root)
    to = tmp_path / "here"
    to.mkdir()
    (to / "own.txt").write_text("mine")
    assert version.download(to) == [to / "deep" / "notes.txt", to / "model.onnx"]
    assert (to / "model.onnx").read_bytes() == b"1"
    (to / "deep" / "notes.txt").unlink()
    with pytest.raises(RegistryError, match=r"model.onnx: is there already"):
        version.download(to)
    assert sorted(path.name for path in to.iterdir()) == ["deep", "model.onnx", "own.txt"]
    assert not (to / "deep" / "notes.txt").exists()
    with pytest.raises(RegistryError, match=r"own.txt: is a file; name a folder"):
        version.download(to / "own.txt")


def test_a_tampered_model_is_not_downloaded(root: Path, tmp_path: Path) -> None:
    version = _register(root)
    (version.folder / "files" / "model.onnx").write_bytes(b"2")
    with pytest.raises(RegistryError, match="tampered"):
        version.download(tmp_path / "here")
    assert not (tmp_path / "here").exists()
