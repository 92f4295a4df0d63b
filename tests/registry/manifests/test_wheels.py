import stat
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.core.errors import WheelsError
from workbench.registry.manifests import wheels

pytestmark = pytest.mark.slow

MakeWheel = Callable[..., Path]
Pinned = Callable[..., str]


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "links"))
    return tmp_path / "lock.txt"


def _folder(tmp_path: Path, pinned: Pinned, *built: Path) -> Path:
    folder = tmp_path / "wheels"
    folder.mkdir()
    for wheel in built:
        wheel.rename(folder / wheel.name)
    (folder / "requirements.txt").write_text(pinned(*folder.glob("*.whl")))
    return folder


def test_pip_fetches_them_once(root: Path, offline: Path, make_wheel: MakeWheel, pinned: Pinned) -> None:
    said: list[str] = []
    offline.write_text(pinned(make_wheel("one"), make_wheel("two")))
    folder = wheels.fetch(offline, "3.11", said.append, root)
    assert [(wheel.name, wheel.version) for wheel in wheels.checked(folder)] == [("one", "1.0"), ("two", "1.0")]
    assert folder.parent == root / "wheels"
    assert len(said) == 2
    assert wheels.fetch(offline, "3.11", said.append, root) == folder
    assert len(said) == 2


def test_a_wheel_with_another_hash_is_not_kept(
    root: Path, offline: Path, make_wheel: MakeWheel, pinned: Pinned
) -> None:
    offline.write_text(pinned(make_wheel()))
    make_wheel(files={"tiny.py": "VALUE = 2\n"})
    with pytest.raises(WheelsError, match="cannot be fetched") as caught:
        wheels.fetch(offline, "3.11", lambda _line: None, root)
    assert "\n" not in str(caught.value)
    assert list((root / "wheels").iterdir()) == []


@pytest.mark.parametrize("line", ["tiny==1.0", "tiny>=1", "-r other.txt", "tiny==1.0 --hash=md5:0", "./tiny.whl"])
def test_a_requirement_that_is_not_pinned_by_hash_is_refused(root: Path, offline: Path, line: str) -> None:
    offline.write_text(f"{line}\n")
    with pytest.raises(WheelsError, match="lock it with hashes"):
        wheels.fetch(offline, "3.11", lambda _line: None, root)


def test_unpacking_twice_gives_the_same_names_bytes_modes_and_times(
    tmp_path: Path, make_wheel: MakeWheel, pinned: Pinned
) -> None:
    files = {
        "tiny/__init__.py": "",
        "tiny/data/x.txt": "x",
        "tiny-1.0.data/purelib/pure.py": "1",
        "tiny-1.0.data/platlib/deep/plat.py": "2",
        "tiny-1.0.data/scripts/run": "#!python",
        "tiny-1.0.data/headers/tiny.h": "",
    }
    folder = _folder(tmp_path, pinned, make_wheel(files=files))
    seen = []
    for target in (tmp_path / "a", tmp_path / "b"):
        wheels.unpack(folder, target)
        seen.append(
            {
                path.relative_to(target).as_posix(): (path.read_bytes(), path.stat().st_mode, path.stat().st_mtime)
                for path in target.rglob("*")
                if path.is_file()
            }
        )
    assert seen[0] == seen[1]
    assert set(seen[0]) == {
        "tiny/__init__.py",
        "tiny/data/x.txt",
        "pure.py",
        "deep/plat.py",
        "tiny-1.0.dist-info/METADATA",
        "tiny-1.0.dist-info/RECORD",
        "tiny-1.0.dist-info/WHEEL",
    }
    assert {stat.S_IMODE(mode) for _, mode, _ in seen[0].values()} == {0o644}


def test_a_changed_wheel_is_not_unpacked(tmp_path: Path, make_wheel: MakeWheel, pinned: Pinned) -> None:
    folder = _folder(tmp_path, pinned, make_wheel())
    with zipfile.ZipFile(next(folder.glob("*.whl")), "a") as archive:
        archive.writestr("evil.py", "")
    with pytest.raises(WheelsError, match="sha256 is none of those"):
        wheels.unpack(folder, tmp_path / "target")
    assert list((tmp_path / "target").iterdir()) == []


def test_a_missing_or_an_extra_wheel_is_told_by_name(tmp_path: Path, make_wheel: MakeWheel, pinned: Pinned) -> None:
    folder = _folder(tmp_path, pinned, make_wheel("one"), make_wheel("two"))
    extra = make_wheel("three", folder=folder)
    with pytest.raises(WheelsError, match=r"three-1\.0"):
        wheels.unpack(folder, tmp_path / "target")
    extra.unlink()
    (folder / "two-1.0-py3-none-any.whl").unlink()
    with pytest.raises(WheelsError, match="wheel of two is missing"):
        wheels.unpack(folder, tmp_path / "target")


@pytest.mark.parametrize("name", ["../evil.py", "/evil.py", "tiny-1.0.data/purelib/../../evil.py", "a\\..\\evil.py"])
def test_a_wheel_that_leaves_its_folder_is_refused(
    tmp_path: Path, make_wheel: MakeWheel, pinned: Pinned, name: str
) -> None:
    folder = _folder(tmp_path, pinned, make_wheel(files={name: "evil"}))
    with pytest.raises(WheelsError, match="leads out of the folder"):
        wheels.unpack(folder, tmp_path / "target")
    assert not list(tmp_path.rglob("evil.py"))


def test_two_wheels_with_one_file_are_refused(tmp_path: Path, make_wheel: MakeWheel, pinned: Pinned) -> None:
    shared = {"shared.py": ""}
    folder = _folder(tmp_path, pinned, make_wheel("one", shared), make_wheel("two", shared))
    with pytest.raises(WheelsError, match=r"two-1.0.*'shared.py', which another wheel wrote"):
        wheels.unpack(folder, tmp_path / "target")


def test_a_folder_that_is_not_empty_is_left_alone(tmp_path: Path, make_wheel: MakeWheel, pinned: Pinned) -> None:
    folder = _folder(tmp_path, pinned, make_wheel())
    (tmp_path / "mine").write_text("")
    with pytest.raises(WheelsError, match="is not empty"):
        wheels.unpack(folder, tmp_path)
