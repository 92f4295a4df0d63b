"""What this machine holds of a remote store: copies in the cache, and folders of runs that go on in the home.

The cache may be deleted at any time. Fetches nothing itself.
"""

import contextlib
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from workbench.core import atomic_files, confined, home
from workbench.core.canonical import FileEntry, canonical_json, damage, sha256_hex
from workbench.registry.stores.store import DamageError

Download = Callable[[Path, Sequence[str]], None]
_SHORT = 16


def cache() -> Path:
    """$XDG_CACHE_HOME/workbench, else ~/.cache/workbench."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "workbench"


def records(place: str, key: str) -> Path:
    """The file that keeps the records below a key."""
    return cache() / "records" / _short(place) / f"{key.replace('/', '_')}.kept"


def model(expected: list[FileEntry], download: Download) -> Path:
    """The folder with these files, fetched unless it is here and whole. Raises DamageError when they arrive damaged."""
    target = cache() / "models" / sha256_hex(canonical_json(expected))
    if not damage(target / "files", expected) and target.is_dir():
        return target / "files"
    for entry in expected:
        confined.check(entry["path"])
    with atomic_files.sibling_folder(target.parent) as fresh:
        whole = fresh / "whole"
        (whole / "files").mkdir(parents=True)
        download(whole / "files", [entry["path"] for entry in expected])
        if difference := damage(whole / "files", expected):
            raise DamageError(difference)
        if not atomic_files.claim(whole, target) and damage(target / "files", expected):
            with contextlib.suppress(FileNotFoundError):  # another process saw the damage too
                target.rename(fresh / "damaged")
            atomic_files.claim(whole, target)
    return target / "files"


def working(place: str, key: str, *, make: bool = False) -> Path:
    """The folder of a run that goes on here, or went on here until it was killed."""
    folder = home.home() / "working" / _short(place) / key
    if make:
        home.create()
        folder.mkdir(parents=True)
    return folder


def settle(place: str, key: str, folder: Path) -> Path:
    """Move the folder of a run that ended, and is kept elsewhere now, to the cache."""
    target = _run(place, key)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(target, ignore_errors=True)
    return Path(shutil.move(folder, target))


def forget(place: str, key: str) -> None:
    """Remove what this machine holds of a run."""
    for folder in (working(place, key), _run(place, key)):
        shutil.rmtree(folder, ignore_errors=True)


def run(place: str, key: str, sizes: Mapping[str, int], download: Download) -> Path:
    """The folder of a run: the one it goes on in, else a copy with all files of these sizes (bytes).

    Raises ConfinedError for a path that leads elsewhere.
    """
    if (here := working(place, key)).is_dir():
        return here
    target = _run(place, key)
    missing = [path for path, size in sizes.items() if _size(confined.below(target, path)) != size]
    target.mkdir(parents=True, exist_ok=True)
    download(target, missing)
    return target


def _run(place: str, key: str) -> Path:
    return cache() / _short(place) / key


def _size(path: Path) -> int | None:
    return path.stat().st_size if path.is_file() else None


def _short(place: str) -> str:
    return sha256_hex(place.encode())[:_SHORT]
