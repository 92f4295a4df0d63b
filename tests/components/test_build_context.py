from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest

from workbench.components.images import build_context
from workbench.components.images.build_context import assemble, digest_of, link_tree


def _tree(folder: Path, **files: str) -> Path:
    folder.mkdir(parents=True)
    for name, text in files.items():
        (folder / name).write_text(text)
    return folder


def test_the_same_content_has_the_same_digest_wherever_it_lies(tmp_path: Path) -> None:
    here, there = _tree(tmp_path / "a" / "x", one="1", two="2"), _tree(tmp_path / "b" / "x", two="2", one="1")
    _tree(there / "__pycache__", junk="0")

    assert digest_of("base", here) == digest_of("base", there)


@pytest.mark.parametrize("other", [{"one": "1", "two": "3"}, {"one": "1"}, {"one": "1", "three": "2"}])
def test_another_content_has_another_digest(tmp_path: Path, other: dict[str, str]) -> None:
    here, there = _tree(tmp_path / "a" / "x", one="1", two="2"), _tree(tmp_path / "b" / "x", **other)

    assert digest_of("base", here) != digest_of("base", there)
    assert digest_of("base", here) != digest_of("other base", here)


def test_a_folder_is_filled_once_and_whole(tmp_path: Path) -> None:
    target, calls = tmp_path / "contexts" / "tag", []

    def fill(folder: Path) -> None:
        calls.append(folder)
        (folder / "Dockerfile").write_text("FROM scratch\n")

    assert assemble(target, fill) == target
    assert assemble(target, fill) == target
    assert len(calls) == 1
    assert (target / "Dockerfile").is_file()


def test_a_filling_that_fails_leaves_nothing_behind(tmp_path: Path) -> None:
    target = tmp_path / "contexts" / "tag"

    def fill(folder: Path) -> None:
        (folder / "half").write_text("written")
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        assemble(target, fill)
    assert list(target.parent.iterdir()) == []


def test_linked_files_are_the_same_files(tmp_path: Path) -> None:
    source = _tree(tmp_path / "source", one="1")

    link_tree(source, tmp_path / "target")

    assert (tmp_path / "target" / "one").samefile(source / "one")


def test_what_is_skipped_is_asked_by_its_path_below_the_folder(tmp_path: Path) -> None:
    source = _tree(tmp_path / "source", one="1", two="2")
    _tree(source / "deep", one="3")

    link_tree(source, tmp_path / "target", {"deep/one", "two"}.__contains__)

    assert [path.name for path in (tmp_path / "target").rglob("*")] == ["one"]


def test_a_context_is_tagged_by_the_digest_of_what_shapes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made = build_context.context("0123456789abcdef" * 4, lambda folder: (folder / "Dockerfile").touch())

    assert made.tag == "0123456789abcdef"
    assert made.folder == tmp_path / "workbench" / "contexts" / made.tag
    assert [path.name for path in made.folder.iterdir()] == ["Dockerfile"]


@pytest.fixture
def private_umask() -> Iterator[None]:
    before = os.umask(0o077)
    yield
    os.umask(before)


@pytest.mark.usefixtures("private_umask")
def test_another_user_can_read_what_a_private_user_assembled(tmp_path: Path) -> None:
    def fill(folder: Path) -> None:
        (_tree(folder / "deep", run="1") / "run").chmod(0o700)
        (folder / "file").write_text("1")

    target = assemble(tmp_path / "contexts" / "tag", fill)

    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (target, *target.rglob("*"))}
    assert modes == {"tag": 0o755, "deep": 0o755, "run": 0o755, "file": 0o644}
