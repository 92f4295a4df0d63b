"""What lies in the home and in this machine's cache, as things with an age; and taking one away in one step."""

import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from workbench.core import atomic_files, home
from workbench.core.canonical import PREFIX, sha256_file
from workbench.registry.manifests.manifest import FILES, RECORD
from workbench.registry.models.registry import ModelRegistry
from workbench.registry.stores import local_copies
from workbench.stacks.lineage import holdings
from workbench.stacks.lineage.reach import Kind, Thing

_CONTEXTS, _PACKAGES = "contexts", "packages"


def read(seconds: float) -> list[Thing]:
    """All that may be left over. `seconds` is how long nobody must have touched a temporary folder to be told."""
    return [*_manifests(), *_wheels(), *_contexts(), *_packages(), *_leftovers(seconds)]


def remove(thing: Thing, pinned: Callable[[str], bool], seconds: float) -> bool:
    """Take a thing away, unless somebody uses it by now: then it stays, or comes back, whole.

    `pinned` is asked whether a stack's file names a manifest.
    """
    path = Path(thing.place)
    if thing.kind is Kind.leftover:
        return _remove_leftover(thing.place)
    if pinned(thing.manifest) or _age(path) <= seconds:
        return False
    # Whoever came between looking and taking it away has touched it, or pinned it.
    return atomic_files.remove_folder(path, lambda aside: pinned(thing.manifest) or _age(aside) <= seconds)


def _manifests() -> Iterator[Thing]:
    for each in holdings.read():
        yield Thing(
            kind=Kind.manifest,
            place=str(each.folder),
            age=_age(each.folder),
            size=_size(each.folder),
            manifest=each.id,
            requirements=each.requirements,
        )


def _wheels() -> Iterator[Thing]:
    for folder in _folders(home.registry() / "wheels"):
        yield Thing(kind=Kind.wheels, place=str(folder), age=_age(folder), size=_size(folder), requirements=folder.name)


def _contexts() -> Iterator[Thing]:
    """Folders that images are built from. One of another make, without a manifest, is nobody's."""
    for folder in _folders(local_copies.cache() / _CONTEXTS):
        record = folder / "service" / RECORD
        manifest = PREFIX + sha256_file(record) if record.is_file() else ""
        yield Thing(kind=Kind.context, place=str(folder), age=_age(folder), size=_size(folder), manifest=manifest)


def _packages() -> Iterator[Thing]:
    for folder in _folders(local_copies.cache() / _PACKAGES):
        yield Thing(
            kind=Kind.packages, place=str(folder), age=_age(folder), size=_size(folder), requirements=folder.name
        )


def _leftovers(seconds: float) -> Iterator[Thing]:
    """What killed writers left: in the registry, wherever that lies, in the home and in the cache."""
    registry = ModelRegistry()
    keys = set(registry.litter(seconds))
    cache = local_copies.cache()
    paths = [
        path
        for folder in (home.registry() / "manifests", home.registry() / "wheels", home.registry() / "locks")
        for path in atomic_files.litter(folder, seconds)
    ]
    paths += [
        path for name in (_CONTEXTS, _PACKAGES, "models") for path in (cache / name).glob(".*") if _idle(path) > seconds
    ]
    root = Path(registry.store.place)
    paths = [path for path in paths if not (path.is_relative_to(root) and path.relative_to(root).as_posix() in keys)]
    for key in sorted(keys):
        yield Thing(kind=Kind.leftover, place=key, age=seconds + 1, size=_size(root / key))
    for path in paths:
        yield Thing(kind=Kind.leftover, place=str(path), age=_idle(path), size=_size(path))


def _remove_leftover(place: str) -> bool:
    if not Path(place).is_absolute():
        ModelRegistry().store.remove(place)
        return True
    path = Path(place)
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
    return True


def _folders(parent: Path) -> list[Path]:
    return sorted(each for each in parent.iterdir() if each.is_dir() and each.name[0] != ".") if parent.is_dir() else []


def _age(folder: Path) -> float:
    """Seconds since it was made, or since somebody who found it there touched it."""
    return min(_idle(each) for each in (folder, folder / FILES) if each.exists()) if folder.exists() else 0.0


def _idle(path: Path) -> float:
    try:
        return time.time() - path.lstat().st_mtime
    except FileNotFoundError:
        return 0.0


def _size(path: Path) -> int:
    """Bytes of a file, or of all files below a folder."""
    files = path.rglob("*") if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files if file.is_file() or file.is_symlink())
