import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from workbench.server.artifact import Model, read_manifest, verify
from workbench.server.errors import StartError


def change(folder: Path, edit: Callable[[dict[str, Any]], object]) -> None:
    path = folder / "manifest.json"
    manifest = json.loads(path.read_text(encoding="utf-8"))
    edit(manifest)
    path.write_text(json.dumps(manifest), encoding="utf-8")


def test_an_untouched_folder_is_as_its_manifest_says(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    manifest = read_manifest(folder)
    verify(folder, manifest)
    assert manifest.models == (Model("toy", 7),)
    assert [pinned.path for pinned in manifest.files] == ["score.py", "service_schema.json", "models/toy/weights.txt"]


@pytest.mark.parametrize("path", ["score.py", "service_schema.json", "models/toy/weights.txt"])
def test_a_changed_file_is_named(path: str, make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    with (folder / path).open("ab") as file:
        file.write(b"\n")
    with pytest.raises(StartError, match=rf"{path}: its sha256 is .*, the manifest says "):
        verify(folder, read_manifest(folder))


def test_a_missing_file_is_named(make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    (folder / "models" / "toy" / "weights.txt").unlink()
    with pytest.raises(StartError, match=r"models/toy/weights\.txt: No such file"):
        verify(folder, read_manifest(folder))


@pytest.mark.parametrize(
    ("edit", "says"),
    [
        (lambda manifest: manifest.pop("score"), "the key 'score' is missing"),
        (lambda manifest: manifest["models"][0].pop("version"), "the key 'version' is missing"),
        (lambda manifest: manifest["score"].update(path="../score.py"), r"'\.\./score\.py' leaves the service folder"),
        (lambda manifest: manifest["score"].update(path="/score.py"), "'/score.py' leaves the service folder"),
        (lambda manifest: manifest["score"].update(sha256="short"), "the sha256 of 'score.py' is 'short'"),
        (lambda manifest: manifest["models"][0].update(name="../.."), "leaves the service folder"),
        (lambda manifest: manifest.update(name=3), "3 stands where a text is needed"),
        (lambda manifest: manifest["models"][0].update(version="7"), "'7' stands where a version is needed"),
    ],
)
def test_a_manifest_that_is_none_is_refused_by_key(
    edit: Callable[[dict[str, Any]], object], says: str, make_folder: Callable[..., Path]
) -> None:
    folder = make_folder()
    change(folder, edit)
    with pytest.raises(StartError, match=rf"manifest\.json: .*{says}.*; build the image again"):
        read_manifest(folder)


@pytest.mark.parametrize("content", ["", "{", "[]", "null"])
def test_a_file_that_is_no_manifest_is_named(content: str, make_folder: Callable[..., Path]) -> None:
    folder = make_folder()
    (folder / "manifest.json").write_text(content)
    with pytest.raises(StartError, match=r"manifest\.json: "):
        read_manifest(folder)


def test_a_folder_without_a_manifest_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"manifest\.json: No such file or directory; the image was not built"):
        read_manifest(tmp_path)
