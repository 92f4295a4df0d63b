"""Paths that others wrote stay below their folder, whatever they say and whoever swaps folders for links meanwhile."""

import shutil
from pathlib import Path

import pytest

from workbench.core import confined
from workbench.core.confined import ConfinedError

HOSTILE = [
    "", ".", "..", "/", "/etc/passwd", "../x", "a/../../x", "a/..", "a//b", "a/./b", "a/", "/a", "\0", "a\0b", "..\\x",
    "a\\b", "C:/x", "c:", ".git/hooks/pre-commit", "a/.GIT/config", ".git", ".git.", ".git ", "GIT~1/config",
    ".g\u200cit/config", ".gi\ufefft", "a\udcff", "\ud800", "n" * 256, "é" * 128,
    "a/" * 500 + "a", "x\ny", "\x7f", "\x1b[0m", "C:x", "a:stream", "a/b:stream:$DATA", ".git::$INDEX_ALLOCATION/x",
    "a/.git::$INDEX_ALLOCATION", ":", "12:30.csv", "a\u202egpj.exe", "\u2066a\u2069", "\u200ea", "a\x85", "a\x9b31m",
    "a\u200bb", "a\u200db", "a\u2060b", "a\ufeff", "a\xadb", "a\u2028b", "a\u2029", "a\U000e0041",
]  # fmt: skip


@pytest.mark.parametrize("path", HOSTILE)
def test_a_path_that_leads_out_or_that_no_disk_takes_is_refused_in_one_line(path: str, tmp_path: Path) -> None:
    with pytest.raises(ConfinedError) as told:
        confined.below(tmp_path, path)
    assert "\n" not in str(told.value)
    assert len(str(told.value)) < 300


@pytest.mark.parametrize(
    "path", ["../a:b", "a:b/../..", "/a:b", "a\u200b\\b", ".git::$INDEX_ALLOCATION/x", ".g\u200bit/x"]
)
def test_a_colon_hides_no_way_out(path: str) -> None:
    with pytest.raises(ConfinedError) as told:
        confined.check(path)
    assert not isinstance(told.value, confined.NameRefusedError)


@pytest.mark.parametrize("path", [None, 7, b"a", ["a"], {}])
def test_what_is_no_text_is_no_path(path: object, tmp_path: Path) -> None:
    with pytest.raises(ConfinedError, match="is no path of a file"):
        confined.below(tmp_path, path)


@pytest.mark.parametrize(
    "path",
    [
        "a",
        "a/b.txt",
        "...",
        "..a",
        "a..",
        ".gitignore",
        "git",
        "12-30.csv",
        "é/ü",
        "一",
        "👍",
        "a\u0301",
        "n" * 255,
        "a b",
    ],
)
def test_every_other_name_is_taken_as_it_is(path: str, tmp_path: Path) -> None:
    assert confined.below(tmp_path, path) == tmp_path / path


def test_a_link_on_the_way_is_refused_and_one_before_the_folder_is_not(tmp_path: Path) -> None:
    (tmp_path / "real" / "in").mkdir(parents=True)
    (tmp_path / "chosen").symlink_to("real")
    assert confined.below(tmp_path / "chosen", "in/file") == tmp_path / "chosen" / "in" / "file"
    for link, target in (("up", ".."), ("abs", "/etc"), ("gone", "nowhere"), ("same", "in")):
        (tmp_path / "real" / link).symlink_to(target)
        for path in (link, f"{link}/file"):
            with pytest.raises(ConfinedError, match=f"{link}: is a link"):
                confined.below(tmp_path / "real", path)


def test_a_folder_that_is_too_deep_for_a_path_is_refused_before_anything_is_written(tmp_path: Path) -> None:
    deep = tmp_path.joinpath(*["d" * 250] * 15)
    with pytest.raises(ConfinedError, match="is too deep"):
        confined.below(deep, "n" * 255 + "/" + "m" * 255)


def test_a_folder_that_is_held_stays_the_same_when_a_link_takes_its_place(tmp_path: Path) -> None:
    (tmp_path / "foreign").mkdir()
    with confined.holding(tmp_path / "store", "models/churn", make=True) as folder:
        (tmp_path / "store" / "models" / "churn").rename(tmp_path / "moved")
        (tmp_path / "store" / "models" / "churn").symlink_to(tmp_path / "foreign")
        (folder / "file").write_text("1")
        shutil.rmtree(folder / "nothing", ignore_errors=True)
    assert list((tmp_path / "foreign").iterdir()) == []
    assert (tmp_path / "moved" / "file").read_text() == "1"


@pytest.mark.parametrize("link", ["models", "models/churn"])
@pytest.mark.parametrize("make", [True, False])
def test_a_folder_behind_a_link_is_not_held(tmp_path: Path, link: str, make: bool) -> None:
    (tmp_path / "foreign" / "churn").mkdir(parents=True)
    store = tmp_path / "store"
    (store / link).parent.mkdir(parents=True)
    (store / link).symlink_to(tmp_path / "foreign")
    with pytest.raises(ConfinedError, match=f"{link}: is a link"), confined.holding(store, "models/churn", make=make):
        pass


def test_errors_in_a_folder_that_is_held_name_it_as_people_know_it(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError) as told, confined.holding(tmp_path, "a/b", make=True) as folder:
        (folder / "c" / "d").read_bytes()
    assert told.value.filename == str(tmp_path / "a/b/c/d")
    with pytest.raises(FileNotFoundError, match="a/x"), confined.holding(tmp_path, "a/x"):
        pass
    (tmp_path / "file").touch()
    with pytest.raises(NotADirectoryError, match="file"), confined.holding(tmp_path, "file/x", make=True):
        pass


def test_holding_a_folder_leaves_no_file_open(tmp_path: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for path in ("a/b/c", "../x"):
        for make in (True, False):
            try:
                with confined.holding(tmp_path, path, make=make):
                    pass
            except (ConfinedError, FileNotFoundError):
                continue
    assert len(list(Path("/proc/self/fd").iterdir())) == before
