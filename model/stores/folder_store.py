"""A store in a folder, which several machines may share. Files lie beside their record. Standard library alone."""

import contextlib
import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from model import placing
from model.canonical import FileEntry, damage
from model.stores import local_copies, record_cache
from model.stores.store import DamageError, Draft, Record, highest_numbers

_BEAT = "beat"
_KEPT = {"files", "outputs"}
_READ_AT_ONCE = 200


class FolderStore:
    """See `model.stores.store.Store`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = str(root)

    def read(self, key: str) -> Record:
        """See Store."""
        return record_cache.parse(key, (self.root / key).read_bytes())

    def create(self, key: str, data: bytes) -> bool:
        """See Store."""
        return placing.create_file(self.root / key, data)

    def replace(self, key: str, data: bytes) -> None:
        """See Store."""
        placing.write_file(self.root / key, data)

    def remove(self, key: str) -> None:
        """See Store. A folder goes in one step, so that nobody meets half of it."""
        path = self.root / key
        if not path.is_dir():
            path.unlink(missing_ok=True)
            return
        with placing.sibling_folder(path.parent) as outgoing, contextlib.suppress(FileNotFoundError):
            path.rename(outgoing / path.name)

    def names(self, key: str) -> list[str]:
        """See Store."""
        return sorted(entry.name for entry in self._entries(key) if entry.is_dir())

    def children(self, key: str, name: str) -> dict[str, Record | None]:
        """See Store. Where there are many, what was read before is kept."""
        keys = {entry.name: f"{key}/{entry.name}/{name}" for entry in self._entries(key) if entry.is_dir()}
        stamps = {each: stamp for each in keys.values() if (stamp := _stamp(f"{self.place}/{each}"))}
        kept = local_copies.records(self.place, f"{key}/{name}")
        records = record_cache.read_through(kept, stamps, self._contents, spare=_READ_AT_ONCE)
        return {folder: records.get(each) for folder, each in keys.items()}

    def newest(self, key: str) -> dict[str, tuple[int, Record]]:
        """See Store."""
        highest = highest_numbers(entry.name for entry in self._entries(key))
        return {stem: (number, self.read(f"{key}/{stem}.{number}.json")) for stem, number in highest.items()}

    @contextlib.contextmanager
    def draft(self, key: str) -> Iterator[Draft]:
        """See Store."""
        with placing.sibling_folder(self.root / key) as folder:
            yield _FolderDraft(self.root, folder)

    def files(self, key: str, expected: list[FileEntry]) -> Path:
        """See Store."""
        folder = self.root / key
        if difference := damage(folder, expected):
            raise DamageError(difference)
        return folder

    def open_folder(self, key: str, name: str, data: bytes) -> Path | None:
        """See Store."""
        with self.draft(str(PurePosixPath(key).parent)) as draft:
            return self.root / key if draft.claim(key, name, data) else None

    def close_folder(self, key: str, folder: Path, name: str, data: bytes) -> Path:
        """See Store."""
        self.replace(f"{key}/{name}", data)
        (folder / _BEAT).unlink(missing_ok=True)
        return folder

    def folder(self, key: str) -> Path:
        """See Store."""
        return self.root / key

    def remove_folder(self, key: str, name: str) -> None:  # noqa: ARG002 - all of it goes in one step
        """See Store."""
        self.remove(key)

    def beat(self, key: str, folder: Path) -> None:  # noqa: ARG002 - elsewhere the folder is not where the beat goes
        """See Store."""
        (self.root / key / _BEAT).touch()

    def age(self, key: str) -> float | None:
        """See Store."""
        try:
            return time.time() - (self.root / key / _BEAT).stat().st_mtime
        except OSError:
            return None

    def litter(self, seconds: float, used: Collection[str]) -> list[str]:
        """See Store."""
        old = time.time() - seconds
        files = [path for path in self.root.glob("models/*/*/files") if path.stat().st_mtime < old]
        hidden = [path.relative_to(self.root) for path in placing.litter(self.root, seconds)]
        # What a run or a model keeps may be hidden too.
        left = [path.as_posix() for path in hidden if not _KEPT.intersection(path.parts[:-1])]
        keys = [*left, *(path.relative_to(self.root).as_posix() for path in files)]
        return sorted(key for key in keys if key not in used)

    def _contents(self, keys: list[str]) -> dict[str, bytes]:
        found = {key: _content(f"{self.place}/{key}") for key in keys}
        return {key: data for key, data in found.items() if data is not None}

    def _entries(self, key: str) -> "list[os.DirEntry[str]]":
        try:
            with os.scandir(self.root / key) as entries:
                return [entry for entry in entries if entry.name[0] != "."]
        except (FileNotFoundError, NotADirectoryError):
            return []


class _FolderDraft:
    files_key: str | None = None

    def __init__(self, root: Path, folder: Path) -> None:
        self.folder = folder
        self._root = root

    def claim(self, key: str, name: str, data: bytes) -> bool:
        (self.folder / name).write_bytes(data)
        return placing.claim(self.folder, self._root / key)


def _stamp(path: str) -> str:
    """What changes with a record: it is only ever replaced by another file. Empty when it is not there."""
    try:
        found = os.stat(path)  # noqa: PTH116 - called for each of ten thousand runs
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def _content(path: str) -> bytes | None:
    try:
        with open(path, "rb", 0) as file:  # noqa: PTH123 - called for each of ten thousand runs
            return file.read()
    except (FileNotFoundError, NotADirectoryError):
        return None
