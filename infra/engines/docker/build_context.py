"""Folders that an engine builds images from, tagged by the digest of all that goes in.

Assembling one touches this machine's cache only, so a preview may do it.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

IGNORED = {"__pycache__"}


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


def assemble(folder: Path, fill: Callable[[Path], None]) -> Path:
    """Fill a folder once; whoever comes second, or after an interruption, finds it whole or not at all."""
    if folder.is_dir():
        return folder
    folder.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{folder.name}.", dir=folder.parent))
    try:
        fill(temporary)
        temporary.chmod(0o755)
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


def link_tree(source: Path, target: Path, *, without: frozenset[str] = frozenset()) -> None:
    """Copy a folder of the cache by hard links, or by bytes where the file system has none; skip folders `without`."""
    for path in files(source):
        if without & set(path.relative_to(source).parent.parts):
            continue
        place = target / path.relative_to(source)
        place.parent.mkdir(parents=True, exist_ok=True)
        try:
            place.hardlink_to(path)
        except OSError:
            shutil.copyfile(path, place)
