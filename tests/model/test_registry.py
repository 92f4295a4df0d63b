import json
import subprocess
import sys
from pathlib import Path

import pytest

from model.canonical import canonical_json, digest
from model.errors import RegistryError
from model.registry import ModelRegistry, ModelVersion

WRITER = """
import sys
from pathlib import Path
from model.registry import ModelRegistry
root, text = sys.argv[1:]
sys.stdin.read(1)  # all writers wait here and start together
print(ModelRegistry(Path(root)).register("churn", {"model.onnx": text.encode()}, run_id=text, metrics={}).version)
"""


def _register(root: Path, content: str = "1", name: str = "churn") -> ModelVersion:
    files = {"model.onnx": content.encode(), "deep/notes.txt": b"x"}
    return ModelRegistry(root).register(name, files, run_id="churn_1", metrics={"accuracy": 0.5})


def _write_together(root: Path, texts: list[str]) -> list[int]:
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(root), text], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        for text in texts
    ]
    for writer in writers:
        assert writer.stdin
        writer.stdin.write("!")
        writer.stdin.flush()
    return [int(writer.communicate(timeout=60)[0]) for writer in writers]


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


def test_sixteen_processes_get_sixteen_numbers(root: Path) -> None:
    numbers = _write_together(root, [f"model {index}" for index in range(16)])
    assert sorted(numbers) == list(range(1, 17))
    versions = ModelRegistry(root).list("churn")
    assert [each.version for each in versions] == list(range(1, 17))
    for version in versions:
        version.verify()
        assert (version.folder / "files" / "model.onnx").read_text() == version.run_id
    assert not [path for path in (root / "models" / "churn").iterdir() if path.name.startswith(".")]


def test_sixteen_processes_with_equal_files_get_one_number(root: Path) -> None:
    assert set(_write_together(root, ["same"] * 16)) == {1}


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
