"""A store behind an fsspec URI, such as s3://bucket/team. Records and files lie apart, so that lists are short.

- models/… and runs/…: records alone
- files/models/<random>/…: uploaded before the record that names them, for that record alone
- files/runs/<id>/…: of a run, whose id is its own from the start
- beats/runs/<id>: written anew while the run goes on
"""

import contextlib
import tempfile
import time
import uuid
from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.core.canonical import FileEntry, canonical_json
from workbench.core.errors import RegistryError
from workbench.registry.stores import local_copies, record_cache
from workbench.registry.stores.remote_place import RemotePlace
from workbench.registry.stores.store import Draft, Record, highest_numbers

_LOG = "log.txt"


class RemoteStore:
    """See `workbench.registry.stores.store.Store`."""

    def __init__(self, remote: RemotePlace) -> None:
        self.place = remote.uri
        self._remote = remote
        self._logged: dict[str, int] = {}

    def read(self, key: str) -> Record:
        """See Store."""
        return record_cache.parse(key, self._remote.read(key))

    def create(self, key: str, data: bytes) -> bool:
        """See Store."""
        return self._remote.create(key, data)

    def replace(self, key: str, data: bytes) -> None:
        """See Store."""
        self._remote.write(key, data)

    def remove(self, key: str) -> None:
        """See Store."""
        self._remote.remove(key)

    def names(self, key: str) -> list[str]:
        """See Store."""
        return self._remote.folders(key)

    def children(self, key: str, name: str) -> dict[str, Record | None]:
        """See Store."""
        stamps = self._remote.stamps(key)
        wanted = {path: stamp for path, stamp in stamps.items() if path.count("/") == 1 and path.endswith(f"/{name}")}
        return {path.partition("/")[0]: record for path, record in self._records(key, name, wanted).items()}

    def newest(self, key: str) -> dict[str, tuple[int, Record]]:
        """See Store."""
        stamps = self._remote.stamps(key)
        highest = highest_numbers(path for path in stamps if "/" not in path)
        names = {stem: f"{stem}.{number}.json" for stem, number in highest.items()}
        records = self._records(key, "newest", {name: stamps[name] for name in names.values()})
        return {stem: (highest[stem], records[name]) for stem, name in names.items() if name in records}

    @contextlib.contextmanager
    def draft(self, key: str) -> Iterator[Draft]:  # noqa: ARG002 - files of all keys lie together
        """See Store."""
        with tempfile.TemporaryDirectory(prefix="workbench-draft-") as folder:
            made = _RemoteDraft(self, Path(folder))
            try:
                yield made
            finally:
                made.discard()

    def files(self, key: str, expected: list[FileEntry]) -> Path:
        """See Store. This machine keeps them by their digest."""
        return local_copies.model(expected, lambda folder, paths: self._remote.download(key, paths, folder))

    def open_folder(self, key: str, name: str, data: bytes) -> Path | None:
        """See Store."""
        return local_copies.working(self.place, key, make=True) if self.create(f"{key}/{name}", data) else None

    def close_folder(self, key: str, folder: Path, name: str, data: bytes) -> Path:
        """See Store."""
        self.upload(folder, f"files/{key}")
        self.replace(f"{key}/{name}", data)
        self.remove(f"beats/{key}")
        return local_copies.settle(self.place, key, folder)

    def folder(self, key: str) -> Path:
        """See Store."""
        kept = f"files/{key}"
        sizes = {path: int(info["size"]) for path, info in self._remote.below(kept).items()}
        return local_copies.run(
            self.place, key, sizes, lambda folder, paths: self._remote.download(kept, paths, folder)
        )

    def remove_folder(self, key: str, name: str) -> None:
        """See Store."""
        for each in (f"{key}/{name}", f"beats/{key}", f"files/{key}"):
            self.remove(each)
        local_copies.forget(self.place, key)

    def beat(self, key: str, folder: Path) -> None:
        """See Store. New lines of the log go along, so that a machine that dies leaves its last words."""
        self.replace(f"beats/{key}", canonical_json({"at": datetime.now(UTC).isoformat()}))
        log = folder / _LOG
        if log.is_file() and log.stat().st_size != self._logged.get(key):
            data = log.read_bytes()
            self.replace(f"files/{key}/{_LOG}", data)
            self._logged[key] = len(data)

    def age(self, key: str) -> float | None:
        """See Store. The beat's time is the place's, and its clock may differ a little from ours."""
        moment = self._remote.modified(f"beats/{key}")
        return None if moment is None else time.time() - moment

    def litter(self, seconds: float, used: Collection[str]) -> list[str]:
        """See Store."""
        latest: dict[str, float] = {}
        for path, info in self._remote.below("files/models").items():
            key = f"files/models/{path.partition('/')[0]}"
            latest[key] = max(_moment(info), latest.get(key, 0.0))
        return sorted(key for key, at in latest.items() if key not in used and time.time() - at > seconds)

    def upload(self, folder: Path, key: str) -> None:
        """Copy all files of a folder below a key."""
        self._remote.upload(folder, key)

    def _records(self, key: str, name: str, stamps: dict[str, str]) -> dict[str, Record]:
        kept = local_copies.records(self.place, f"{key}/{name}")
        by_key = {f"{key}/{path}": stamp for path, stamp in stamps.items()}
        records = record_cache.read_through(kept, by_key, self._remote.read_many)
        return {path.removeprefix(f"{key}/"): record for path, record in records.items()}


class _RemoteDraft:
    def __init__(self, store: RemoteStore, folder: Path) -> None:
        self.folder = folder
        self.files_key: str | None = f"files/models/{uuid.uuid4().hex}"
        self._store = store
        self._uploaded = self._claimed = False

    def claim(self, key: str, name: str, data: bytes) -> bool:
        if not self._uploaded:
            self._uploaded = True
            self._store.upload(self.folder / "files", str(self.files_key))
        self._claimed = True  # also when the answer is lost: the record may be there and name these files
        self._claimed = self._store.create(f"{key}/{name}", data)
        return self._claimed

    def discard(self) -> None:
        """Remove what was uploaded for nothing."""
        if self._uploaded and not self._claimed:
            with contextlib.suppress(RegistryError):  # then it is litter, which `litter` finds
                self._store.remove(str(self.files_key))


def _moment(info: dict[str, Any]) -> float:
    """When an object was written; now, where the place does not say it as a time."""
    changed = info.get("LastModified") or info.get("last_modified") or info.get("updated")
    return changed.timestamp() if isinstance(changed, datetime) else time.time()
