import os
import stat
import time
from pathlib import Path

import pytest

from workbench.core import atomic_files


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        atomic_files.write_file(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    atomic_files.write_file(path, b"1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    atomic_files.write_file(path, b"2")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"2", 0o600)


def test_the_second_to_claim_a_place_loses_it_and_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "1"
    for content, won in (("first", True), ("second", False)):
        with atomic_files.sibling_folder(tmp_path) as fresh:
            (fresh / "file").write_text(content)
            assert atomic_files.claim(fresh, target) is won
    assert (target / "file").read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]


def test_a_file_is_created_once_and_whole(tmp_path: Path) -> None:
    path = tmp_path / "new" / "file"
    assert atomic_files.create_file(path, b"first") is True
    assert atomic_files.create_file(path, b"second") is False
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"first", 0o644)
    assert list(path.parent.iterdir()) == [path]


def test_litter_is_what_is_hidden_and_old(tmp_path: Path) -> None:
    for name in (".new-a/deep/.inside", "models/.record.json.x", "models/churn/1/model.json", ".new-b/file"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    old = time.time() - 7200
    for name in (".new-a", "models/.record.json.x", "models/churn/1/model.json"):
        os.utime(tmp_path / name, (old, old))
    assert atomic_files.litter(tmp_path, 3600) == [tmp_path / ".new-a", tmp_path / "models/.record.json.x"]
    assert atomic_files.litter(tmp_path / "nowhere", 0) == []


def test_an_error_names_the_file_that_was_asked_for(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(IsADirectoryError) as caught:
        atomic_files.write_file(tmp_path / "folder", b"1")
    assert caught.value.filename == str(tmp_path / "folder")
    with pytest.raises(FileNotFoundError) as caught_too:
        atomic_files.write_file(Path("/proc/nothing.csv"), b"1")
    assert caught_too.value.filename == "/proc/nothing.csv"
    assert atomic_files.litter(tmp_path, -1) == []


def test_a_file_with_the_longest_name_of_a_disk_is_written_and_replaced(tmp_path: Path) -> None:
    for data in (b"1", b"2"):
        atomic_files.write_file(tmp_path / ("n" * 255), data)
    assert atomic_files.create_file(tmp_path / ("m" * 255), b"3") is True
    assert [path.read_bytes() for path in sorted(tmp_path.iterdir())] == [b"3", b"2"]
