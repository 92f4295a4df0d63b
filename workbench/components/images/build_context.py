"""Folders that an engine builds images from, tagged by the digest of all that goes in.

Assembling one touches this machine's cache only, so a preview may do it.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

IGNORED = {"__pycache__"}
TAG_LENGTH = 16


@dataclass(frozen=True)
class BuildContext:
    """A folder with a Dockerfile, and the image tag that its content deserves."""

    folder: Path
    tag: str


def cache() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "workbench"


def digest_of(*parts: str | Path) -> str:
    """Digest texts and the names and bytes of files, in order: 64 hex digits, alike on every machine."""
    whole = hashlib.sha256()
    for part in parts:
        if isinstance(part, str):
            whole.update(f"text {len(part)}\n{part}\n".encode())
            continue
        for path in sorted(files(part)):
            name = path.relative_to(part.parent).as_posix()
            content = path.read_bytes()
            whole.update(f"file {name} {len(content)}\n".encode() + content)
    return whole.hexdigest()


def files(path: Path) -> list[Path]:
    """List the files at or below a path, without what Python leaves behind."""
    if path.is_file():
        return [path]
    return [each for each in path.rglob("*") if each.is_file() and not IGNORED & set(each.parts)]


def context(identity: str, fill: Callable[[Path], None]) -> BuildContext:
    """Have the folder of a content in the cache, filled once. `identity` is the digest of all that shapes it."""
    tag = identity[:TAG_LENGTH]
    return BuildContext(folder=cached("contexts", tag, fill), tag=tag)


def cached(kind: str, key: str, fill: Callable[[Path], None]) -> Path:
    return assemble(cache() / kind / key, fill)


def assemble(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a folder once; whoever comes second, or after an interruption, finds it whole or not at all.

    Everybody may read what is in it, whatever the umask: in an image another user does.
    """
    if folder.is_dir():
        with contextlib.suppress(OSError):
            os.utime(folder)  # `workbench gc` removes what nobody used for a while
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fill(temporary)
        _open_to_all(temporary)
        temporary.rename(folder)
    except OSError:
        if not folder.is_dir():
            raise
    finally:
        shutil.rmtree(temporary, ignore_errors=True)
    return folder


def copy_tree(source: Path, target: Path) -> None:
    """Copy a folder's files, without what Python leaves behind."""
    shutil.copytree(source, target, ignore=shutil.ignore_patterns(*IGNORED), copy_function=shutil.copyfile)


def link_tree(source: Path, target: Path, skipped: Callable[[str], bool] = lambda _: False) -> None:
    """Copy a folder of the cache by hard links, or by bytes where the file system has none.

    `skipped` is asked about each file's path relative to `source`.
    """
    for path in files(source):
        name = path.relative_to(source)
        if skipped(name.as_posix()):
            continue
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            place.hardlink_to(path)
        except OSError:
            shutil.copyfile(path, place)


def _open_to_all(folder: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        mode = path.stat().st_mode
        wanted = mode | (0o755 if path.is_dir() or mode & 0o100 else 0o644)
        if wanted != mode:
            path.chmod(wanted)
