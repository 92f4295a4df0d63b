"""The cache of built things: keys, locks shared by processes, and placing a folder or file in one step."""

from __future__ import annotations

import errno
import fcntl
import hashlib
import os
import shutil
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

KEY_LENGTH = 12


def recipe_key(parts: Iterable[str | bytes]) -> str:
    """Return 12 hex digits that change when any part, their order or their borders change."""
    digest = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        digest.update(len(data).to_bytes(8, "big") + data)
    return digest.hexdigest()[:KEY_LENGTH]


@contextmanager
def locked(path: Path, waiting: Callable[[], None] = lambda: None) -> Iterator[None]:
    """Hold the lock `path` among all processes of this machine; call `waiting` once if another holds it.

    The kernel drops the lock with its process, so that a killed set-up blocks nobody.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            waiting()
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def place(target: Path, make: Callable[[Path], None]) -> None:
    """Let `make` fill a path beside `target`, then rename it into place; call it with the lock of `target` held.

    What an earlier, interrupted call left is removed first, so that nothing is ever half there. A folder that is there
    already stays: it was placed whole too.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = target.with_name(f".{target.name}.partial")
    discard(partial)
    try:
        make(partial)
        try:
            os.replace(partial, target)  # noqa: PTH105  # replaces an empty folder too, which Path.rename promises not
        except OSError as error:
            # Somebody placed it without our lock, by hand or from another machine on a shared disk: theirs is whole.
            if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                raise
    finally:
        discard(partial)


def discard(path: Path) -> None:
    """Remove a file or a folder, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a small text file in one step; its folder is made."""
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}")
    with os.fdopen(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    partial.replace(path)
