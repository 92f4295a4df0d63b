from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.search import fits, on_path, version_in

if TYPE_CHECKING:
    from pathlib import Path


def _program(folder: Path, mode: int = 0o755) -> Path:
    folder.mkdir(parents=True)
    program = folder / "pulumi"
    program.touch(mode=mode)
    return program


def test_programs_come_in_the_order_of_path_without_what_cannot_be_run(tmp_path: Path) -> None:
    second, first = _program(tmp_path / "b"), _program(tmp_path / "a")
    _program(tmp_path / "c", mode=0o644)
    path = f"{tmp_path / 'a'}:{tmp_path / 'nowhere'}:{tmp_path / 'c'}:{tmp_path / 'b'}"
    assert list(on_path("pulumi", path)) == [first, second]


def test_what_lies_in_our_own_cache_is_not_found_on_path(tmp_path: Path) -> None:
    _program(tmp_path / "cache" / "engines")
    assert list(on_path("pulumi", str(tmp_path / "cache" / "engines"), without=tmp_path / "cache")) == []


@pytest.mark.parametrize(
    ("said", "version"),
    [
        ("v3.259.0\n", "3.259.0"),
        ("go version go1.26.8 linux/amd64", "1.26.8"),
        ("go version go1.27 linux/amd64", "1.27"),
        ("5.2.0", "5.2.0"),
        ("unknown", None),
    ],
)
def test_a_version_is_found_in_what_programs_say(said: str, version: str | None) -> None:
    assert version_in(said) == version


@pytest.mark.parametrize(
    ("version", "answer"),
    [("3.259.0", True), ("3.300.1", True), ("3.99.0", False), ("4.0.0", False), ("4", False), (None, False)],
)
def test_versions_are_compared_number_by_number(version: str | None, answer: bool) -> None:
    assert fits(version, "3.259.0", "4") is answer
