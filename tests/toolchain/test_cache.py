from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from workbench.toolchain.cache import locked, place, recipe_key, write_atomically

_HOLDER = """
import sys
from pathlib import Path
from workbench.toolchain.cache import locked
with locked(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_key_is_short_hex_and_stays() -> None:
    assert recipe_key(["pulumi", b"go.mod"]) == recipe_key(["pulumi", b"go.mod"])
    assert int(recipe_key(["pulumi"]), 16) >= 0
    assert len(recipe_key(["pulumi"])) == 12


@pytest.mark.parametrize("other", [["ab", "c"], ["a", "bc", ""], ["bc", "a"], ["a", "bd"]])
def test_a_key_changes_with_content_order_and_borders(other: list[str]) -> None:
    assert recipe_key(["a", "bc"]) != recipe_key(other)


def test_a_second_process_waits_for_the_lock_and_a_killed_one_gives_it_back(tmp_path: Path) -> None:
    lock = tmp_path / "deep" / "lock"
    waited: list[bool] = []
    with subprocess.Popen(
        [sys.executable, "-c", _HOLDER, str(lock)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"

        def waiting() -> None:
            waited.append(True)
            holder.kill()

        with locked(lock, waiting):
            assert waited == [True]


def test_the_lock_is_taken_at_once_when_it_is_free(tmp_path: Path) -> None:
    with locked(tmp_path / "lock", lambda: pytest.fail("nobody holds it")):
        pass
    with locked(tmp_path / "lock", lambda: pytest.fail("it was given back")):
        pass


def test_a_failed_make_leaves_nothing_in_place(tmp_path: Path) -> None:
    def make(partial: Path) -> None:
        partial.mkdir()
        (partial / "half").touch()
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        place(tmp_path / "engine", make)
    assert list(tmp_path.iterdir()) == []


def test_what_an_interrupted_make_left_is_cleared_first(tmp_path: Path) -> None:
    left = tmp_path / ".engine.partial"
    left.mkdir()
    (left / "old").touch()
    place(tmp_path / "engine", lambda partial: partial.mkdir())
    assert list((tmp_path / "engine").iterdir()) == []
    assert not left.exists()


def test_what_somebody_else_placed_meanwhile_stays(tmp_path: Path) -> None:
    target = tmp_path / "engine"

    def make(partial: Path) -> None:
        for folder, whose in ((partial, "ours"), (target, "theirs")):
            folder.mkdir()
            (folder / "program").write_text(whose)

    place(target, make)
    assert (target / "program").read_text() == "theirs"
    assert list(tmp_path.iterdir()) == [target]


def test_a_small_file_is_replaced_whole_with_its_mode(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "passphrase"
    write_atomically(path, "one\n", mode=0o600)
    write_atomically(path, "two\n", mode=0o600)
    assert path.read_text() == "two\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]
