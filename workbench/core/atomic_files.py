"""Putting files and folders in place whole or not at all. Knows nothing of what they hold."""

import contextlib
import errno
import os
import shutil
import stat
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path


def write_file(path: Path, data: bytes) -> None:
    """Replace `path` by `data` in one step; a crash leaves the old file. A new file has mode 0644. Raises OSError."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    with _written(path, data, mode) as fresh:
        try:
            fresh.replace(path)
        except OSError as error:
            raise _of(path, error) from error


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
    except OSError as error:
        # Whoever was there may be gone again by now: it was there first all the same.
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST) or (target.is_dir() and not target.is_symlink()):
            return False
        raise _of(target, error) from error
    _sync_folder(target.parent)
    return True


def read_plain(path: str | Path, largest: int) -> bytes:
    """The content of a plain file, of at most so many bytes. Nothing else is waited for or followed. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(handle, "rb", 0) as file:  # noqa: PTH123 - called for each of ten thousand runs
        found = os.fstat(handle)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EINVAL, "is no plain file", str(path))
        if found.st_size > largest:
            raise OSError(errno.EFBIG, f"is longer than {largest:,} bytes", str(path))
        return file.read()


def obstacle(folder: Path, path: Path) -> Path | None:
    """What stands between `folder` and a file that shall lie at `path` below it: a file where a folder must be."""
    between = [parent for parent in path.parents if folder in parent.parents]
    return next((each for each in (folder, *reversed(between)) if each.exists() and not each.is_dir()), None)


def empty(folder: Path) -> None:
    """Remove all that is in a folder, which stays. Raises OSError."""
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() and not path.is_symlink() else path.unlink()


def touch(folder: Path) -> bool:
    """Note that somebody uses a folder now; False when it is not there. Raises OSError."""
    try:
        os.utime(folder)
    except FileNotFoundError:
        return False
    return True


def remove_folder(folder: Path, stays: Callable[[Path], bool]) -> bool:
    """Take a folder away in one step. `stays` is asked where it lies then: if it says so, the folder comes back, whole.

    False when it stays, or was gone already.
    """
    with sibling_folder(folder.parent) as outgoing:
        aside = outgoing / folder.name
        try:
            folder.rename(aside)
        except FileNotFoundError:
            return False
        if stays(aside):
            claim(aside, folder)
            return False
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
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")  # a longer name than the file's may not fit
    except OSError as error:
        raise _of(path, error) from error
    try:
        try:
            with os.fdopen(handle, "wb") as file:
                os.fchmod(file.fileno(), mode)
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            raise _of(path, error) from error
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)
    _sync_folder(path.parent)


def _of(path: Path, error: OSError) -> OSError:
    """The same error, of the file that was asked for: the one beside it has a name that tells nobody anything."""
    return OSError(error.errno, error.strerror, str(path))


def _sync_file(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())


def _sync_folder(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
