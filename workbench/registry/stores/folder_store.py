"""A store in a folder, which several machines may share. Files lie beside their record. Standard library alone."""

import contextlib
import errno
import os
import time
from collections.abc import Collection, Iterator
from pathlib import Path, PurePosixPath

from workbench.core import atomic_files, confined
from workbench.core.canonical import FileEntry, damage, stranger
from workbench.registry.stores import local_copies, record_cache
from workbench.registry.stores.store import BrokenRecordError, DamageError, Draft, Record, highest_numbers

_BEAT = "beat"
_KEPT = {"files", "outputs"}
_READ_AT_ONCE = 200
_LARGEST_RECORD = 64 * 1024**2


class FolderStore:
    """See `workbench.registry.stores.store.Store`."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.place = str(root)

    def read(self, key: str) -> Record:
        """See Store."""
        data = _content(key, str(confined.below(self.root, key)))
        if data is None:
            raise FileNotFoundError(errno.ENOENT, "No such record", f"{self.root}/{key}")
        return record_cache.parse(key, data)

    def create(self, key: str, data: bytes) -> bool:
        """See Store."""
        with self._holding(key, make=True) as (folder, name):
            return atomic_files.create_file(folder / name, data)

    def replace(self, key: str, data: bytes) -> None:
        """See Store."""
        with self._holding(key, make=True) as (folder, name):
            atomic_files.write_file(folder / name, data)

    def remove(self, key: str) -> None:
        """See Store. A folder goes in one step, so that nobody meets half of it; of a link the link alone."""
        with contextlib.suppress(FileNotFoundError), self._holding(key) as (folder, name):
            path = folder / name
            if path.is_symlink() or not path.is_dir():
                path.unlink()
                return
            with atomic_files.sibling_folder(folder) as outgoing:
                path.rename(outgoing / name)

    def names(self, key: str) -> list[str]:
        """See Store."""
        return sorted(self._folders(key))

    def children(self, key: str, name: str) -> dict[str, Record | None]:
        """See Store. Where there are many, what was read before is kept."""
        keys = {folder: f"{key}/{folder}/{name}" for folder in self._folders(key)}
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
        with confined.holding(self.root, key, make=True) as held, atomic_files.sibling_folder(held) as folder:
            yield _FolderDraft(key, folder)

    def files(self, key: str, expected: list[FileEntry]) -> Path:
        """See Store."""
        folder = confined.below(self.root, key)
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
        folder = confined.below(self.root, key)
        if strange := stranger(folder):
            raise DamageError(f"{strange} is a link or no plain file")
        return folder

    def remove_folder(self, key: str, name: str) -> None:  # noqa: ARG002 - all of it goes in one step
        """See Store."""
        self.remove(key)

    def beat(self, key: str, folder: Path) -> None:  # noqa: ARG002 - elsewhere the folder is not where the beat goes
        """See Store."""
        with self._holding(f"{key}/{_BEAT}") as (held, name):
            (held / name).touch()

    def age(self, key: str) -> float | None:
        """See Store."""
        try:
            return time.time() - (self.root / key / _BEAT).lstat().st_mtime
        except OSError:
            return None

    def litter(self, seconds: float, used: Collection[str]) -> list[str]:
        """See Store."""
        old = time.time() - seconds
        models = [
            f"models/{name}/{number}" for name in self.names("models") for number in self._folders(f"models/{name}")
        ]
        files = [path for key in models if (path := self.root / key / "files").exists() and path.lstat().st_mtime < old]
        hidden = [path.relative_to(self.root) for path in atomic_files.litter(self.root, seconds)]
        # What a run or a model keeps may be hidden too.
        left = [path.as_posix() for path in hidden if not _KEPT.intersection(path.parts[:-1])]
        keys = [*left, *(path.relative_to(self.root).as_posix() for path in files)]
        return sorted(key for key in keys if key not in used)

    def _contents(self, keys: list[str]) -> dict[str, bytes]:
        found = {key: _content(key, f"{self.place}/{key}") for key in keys}
        return {key: data for key, data in found.items() if data is not None}

    @contextlib.contextmanager
    def _holding(self, key: str, *, make: bool = False) -> Iterator[tuple[Path, str]]:
        """The folder in which a key lies, and its name there."""
        parent, _, name = key.rpartition("/")
        confined.check(key)
        with confined.holding(self.root, parent, make=make) as folder:
            yield folder, name

    def _folders(self, key: str) -> list[str]:
        """The names of folders directly below a key; links are none."""
        return [entry.name for entry in self._entries(key) if entry.is_dir(follow_symlinks=False)]

    def _entries(self, key: str) -> "list[os.DirEntry[str]]":
        try:
            with os.scandir(confined.below(self.root, key)) as entries:
                return [entry for entry in entries if entry.name[0] != "."]
        except (FileNotFoundError, NotADirectoryError):
            return []


class _FolderDraft:
    files_key: str | None = None

    def __init__(self, key: str, folder: Path) -> None:
        self.folder = folder
        self._key = key

    def claim(self, key: str, name: str, data: bytes) -> bool:
        parent, _, last = key.rpartition("/")
        if parent != self._key:
            raise confined.ConfinedError(f"{key} does not lie directly below {self._key}")
        (self.folder / name).write_bytes(data)
        return atomic_files.claim(self.folder, self.folder.parent / last)


def _stamp(path: str) -> str:
    """What changes with a record: it is only ever replaced by another file. Empty when it is not there."""
    try:
        found = os.lstat(path)
    except (FileNotFoundError, NotADirectoryError):
        return ""
    return f"{found.st_ino} {found.st_size} {found.st_mtime_ns}"


def _content(key: str, path: str) -> bytes | None:
    """The bytes of a record, None where there is none. Raises BrokenRecordError for what is no plain file."""
    try:
        return atomic_files.read_plain(path, _LARGEST_RECORD)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        if error.errno not in (errno.ELOOP, errno.EINVAL, errno.EFBIG, errno.EISDIR):
            raise
        raise BrokenRecordError(key, "it is a link" if error.errno == errno.ELOOP else str(error.strerror)) from error
