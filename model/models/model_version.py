"""One model version: what its record says, what was said of it since, and its files.

The record never changes. Tags, description and deletion are notes: numbered records beside it, each with all that holds
from then on; the highest number counts, and claiming a number is what makes changes at the same time safe.
"""

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from model import placing
from model.canonical import FileEntry, canonical_json, damage, digest
from model.errors import RegistryError
from model.stores.folder_store import FolderStore
from model.stores.store import DamageError, Store

RECORD = "model.json"


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
        return self.store.root / self.key if isinstance(self.store, FolderStore) else self.fetch().parent

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
        targets = [to / entry["path"] for entry in self.files]
        if to.exists() and not to.is_dir():
            raise RegistryError(f"{to}: is a file; name a folder for the files of {self.label}")
        if taken := next((path for path in targets if path.exists()), None):
            raise RegistryError(f"{taken}: is there already; name another folder, or move it away")
        with placing.sibling_folder(to) as fresh:
            shutil.copytree(source, fresh, dirs_exist_ok=True, copy_function=shutil.copyfile)
            if difference := damage(fresh, self.files):
                raise RegistryError(f"{to}: {difference} after copying; see that the disk is sound, and repeat it")
            for entry, target in zip(self.files, targets, strict=True):
                target.parent.mkdir(parents=True, exist_ok=True)
                (fresh / entry["path"]).rename(target)
        return targets


def version_key(name: str, version: int) -> str:
    """Where the record of a version lies in a store."""
    return f"models/{name}/{version}"
