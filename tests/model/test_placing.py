import stat
from pathlib import Path

import pytest

from model import placing


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "file"
    path.write_text("old")

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        placing.write_file(path, b"new")
    assert path.read_text() == "old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_written_file_keeps_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "file"
    placing.write_file(path, b"1")
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    path.chmod(0o600)
    placing.write_file(path, b"2")
    assert (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) == (b"2", 0o600)


def test_the_second_to_claim_a_place_loses_it_and_changes_nothing(tmp_path: Path) -> None:
    target = tmp_path / "1"
    for content, won in (("first", True), ("second", False)):
        with placing.sibling_folder(tmp_path) as fresh:
            (fresh / "file").write_text(content)
            assert placing.claim(fresh, target) is won
    assert (target / "file").read_text() == "first"
    assert list(tmp_path.iterdir()) == [target]
