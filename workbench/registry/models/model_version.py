"""One model version: what its record says, what was said of it since, and its files.

The record never changes. Tags, description and deletion are notes: numbered records beside it, each with all that holds
from then on; the highest number counts, and claiming a number is what makes changes at the same time safe.
"""

import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.core import atomic_files, confined, shape
from workbench.core.canonical import FileEntry, canonical_json, damage, digest
from workbench.core.errors import RegistryError
from workbench.registry.stores.folder_store import FolderStore
from workbench.registry.stores.store import DamageError, Store

RECORD = "model.json"
# Where another store than a folder keeps the files of one version: under a name that nobody guesses.
_APART = re.compile(r"files/models/[0-9a-f]{32}")
_SHAPE = {
    "digest": shape.DIGEST,
    "created_at": shape.MOMENT,
    "run_id": shape.TEXT,
    "files": shape.FILES,
    "metrics": shape.OBJECT,
    "tags": shape.TEXTS,
    "description": shape.TEXT,
}


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """One registered version. Equal when records and notes are."""

    name: str
    version: int
    digest: str
    created_at: str
    run_id: str
    files: list[FileEntry]
    metrics: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    description: str = ""
    files_key: str = field(repr=False)
    store: Store = field(repr=False, compare=False)

    @property
    def label(self) -> str:
        """`name:version`, as people write it."""
        return f"{self.name}:{self.version}"

    @property
    def id(self) -> str:
        """`sha256:` and 64 hex digits: the digest of its files."""
        return self.digest

    @property
    def folder(self) -> Path:
        """The folder that holds `files/`: of the registry itself, or the verified copy of a remote one."""
        return self.place.parent

    @property
    def place(self) -> Path:
        """The folder that holds its files, not looked at yet where it is one of the registry itself."""
        return confined.below(self.store.root, self.files_key) if isinstance(self.store, FolderStore) else self.fetch()

    @property
    def key(self) -> str:
        """Where its record lies in the store."""
        return version_key(self.name, self.version)

    def document(self) -> dict[str, Any]:
        """The content of model.json, with tags and description as they are now."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__ if key not in ("files_key", "store")}

    def summary(self) -> dict[str, Any]:
        """What `show` says of a model first, by the words of the lab."""
        return {
            "Name": self.name,
            "Id": self.id,
            "Version": self.version,
            "CreatedAt": self.created_at,
            "Tags": self.tags,
            "Description": self.description,
        }

    def fetch(self) -> Path:
        """The folder of this machine with the files. Raises RegistryError, naming the file, unless all are intact."""
        if digest(canonical_json(self.files)) != self.digest:
            raise RegistryError(
                f"model {self.label}: {self.store.place}/{self.key}/{RECORD} was changed: its digest is not that of its"
                " files"
            )
        try:
            return self.store.files(self.files_key, self.files)
        except DamageError as error:
            raise RegistryError(
                f"model {self.label} was tampered with: {error} in {self.store.place}/{self.files_key};"
                f" restore it, or run: workbench model delete {self.label}"
            ) from error

    def verify(self) -> None:
        """Raise RegistryError, naming the file, unless every file is as it was registered."""
        self.fetch()

    def download(self, to: Path) -> list[Path]:
        """Copy the files into the folder `to` and verify them there.

        Raises RegistryError when that is no folder, or holds another file of the same name; then nothing is copied.
        """
        source = self.fetch()
        if to.exists() and not to.is_dir():
            raise RegistryError(f"{to}: is a file; name a folder for the files of {self.label}")
        targets = [confined.below(to, entry["path"]) for entry in self.files]
        if taken := next((each for path in targets if (each := _taken(to, path))), None):
            raise RegistryError(f"{taken}: is there already; name another folder, or move it away")
        with atomic_files.sibling_folder(to) as fresh:
            copy_files(source, self.files, fresh)
            if difference := damage(fresh, self.files):
                raise RegistryError(f"{to}: {difference} after copying; see that the disk is sound, and repeat it")
            for entry, target in zip(self.files, targets, strict=True):
                target.parent.mkdir(parents=True, exist_ok=True)
                (fresh / entry["path"]).rename(target)
        return targets


def copy_files(source: Path, files: list[FileEntry], target: Path) -> None:
    """Copy just these files, not what somebody else put beside them. Raises ConfinedError."""
    for entry in files:
        place = confined.below(target, entry["path"])
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(confined.below(source, entry["path"]), place, follow_symlinks=False)


def fault(name: str, number: int, record: dict[str, Any]) -> str:
    """What is wrong with the record of a version, as half a sentence; "" of one that fits the key that it lies under.

    What it says of its own name, number and files' place can't be anything else, so that no record leads elsewhere.
    """
    if strange := sorted(record.keys() - _SHAPE.keys() - {"name", "version", "files_key"}):
        return f"{strange[0]!r:.60} is no field of a model version"
    own = {"name": shape.exactly(name), "version": shape.exactly(number)}
    if wrong := shape.fault(record, own | _SHAPE, needed=(*own, "digest", "created_at", "run_id", "files")):
        return wrong
    own_place = own_files_key(version_key(name, number))
    place = record.get("files_key", own_place)
    if place != own_place and not (isinstance(place, str) and _APART.fullmatch(place)):
        return f"files_key is {place!r:.80}, which is not the place of its files"
    return ""


def own_files_key(key: str) -> str:
    """Where a version has its files that keeps them beside its record; no other record may name them."""
    return f"{key}/files"


def _taken(to: Path, path: Path) -> Path | None:
    return path if path.exists() else atomic_files.obstacle(to, path)


def version_key(name: str, version: int) -> str:
    """Where the record of a version lies in a store."""
    return f"models/{name}/{version}"
