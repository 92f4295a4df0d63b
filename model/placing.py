"""Putting files and folders in place whole or not at all. Knows nothing of what they hold."""

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step; a crash leaves the old file. A new file has mode 0644. Raises OSError."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    with _written(path, data, mode) as fresh:
        fresh.replace(path)


def create_file(path: Path, data: bytes) -> bool:
    """Write `path` whole, unless it is there: then it stays as it is, and the answer is False. Raises OSError."""
    with _written(path, data, 0o644) as fresh:
        try:
            path.hardlink_to(fresh)  # fails for the second, which no rename of a file does
        except FileExistsError:
            return False
    return True


@contextlib.contextmanager
def sibling_folder(parent: Path) -> Iterator[Path]:
    """A fresh folder inside `parent` to fill and then `claim`; what was not claimed is removed."""
    parent.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(dir=parent, prefix=".new-"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def claim(folder: Path, target: Path) -> bool:
    """Rename `folder` to `target` after syncing it. False when `target` was there first (it is then untouched).

    `folder` must hold at least one file: the rename refuses to replace a folder only when that one is not empty.
    """
    for path in folder.rglob("*"):
        _sync_folder(path) if path.is_dir() else _sync_file(path)
    _sync_folder(folder)
    try:
        folder.rename(target)
    except OSError:
        if target.exists():
            return False
        raise
    _sync_folder(target.parent)
    return True


def litter(folder: Path, seconds: float) -> list[Path]:
    """What killed writers left below `folder`: hidden files and folders that nobody touched for `seconds`."""
    found = []
    for parent, folders, files in os.walk(folder):
        hidden = [name for name in folders + files if name.startswith(".")]
        folders[:] = [name for name in folders if not name.startswith(".")]
        found += [path for path in (Path(parent, name) for name in hidden) if _idle(path) > seconds]
    return sorted(found)


def _idle(path: Path) -> float:
    try:
        return time.time() - path.lstat().st_mtime
    except FileNotFoundError:
        return 0


@contextlib.contextmanager
def _written(path: Path, data: bytes, mode: int) -> Iterator[Path]:
    """A file beside `path` with `data`, safe on the disk; it is gone afterwards if it was not moved."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            os.fchmod(file.fileno(), mode)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
    _sync_folder(path.parent)


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
