"""Model versions: immutable folders, numbered per name, each file with its sha256.

Imported by `pulumi preview`, so the standard library alone. Knows nothing of what a model is.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from model import home, placing
from model.canonical import FileEntry, canonical_json, damage, digest, entries
from model.errors import RegistryError

NAME = re.compile(r"[a-z0-9](?:[a-z0-9.-]{0,30}[a-z0-9])?")
RECORD = "model.json"


@dataclass(frozen=True, kw_only=True)
class ModelVersion:
    """One registered version; `folder` holds `files/`."""

    name: str
    version: int
    digest: str
    created_at: str
    run_id: str
    files: list[FileEntry]
    metrics: dict[str, Any] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    description: str = ""
    folder: Path

    @property
    def label(self) -> str:
        """`name:version`, as people write it."""
        return f"{self.name}:{self.version}"

    def document(self) -> dict[str, Any]:
        """The content of model.json."""
        return {key: getattr(self, key) for key in self.__dataclass_fields__ if key != "folder"}

    def verify(self) -> None:
        """Raise RegistryError, naming the file, unless every file is as it was registered."""
        if digest(canonical_json(self.files)) != self.digest:
            raise RegistryError(
                f"model {self.label}: {self.folder / RECORD} was changed: its digest is not that of its files"
            )
        if difference := damage(self.folder / "files", self.files):
            raise RegistryError(
                f"model {self.label} was tampered with: {difference} in its files/;"
                f" restore it, or remove {self.folder} and train again"
            )


class ModelRegistry:
    """The versions below `root`, by default the home's registry. Safe for concurrent writers."""

    def __init__(self, root: Path | None = None) -> None:
        self.folder = (root or home.registry()) / "models"

    def register(
        self, name: str, files: Mapping[str, bytes], *, run_id: str, metrics: dict[str, Any], description: str = ""
    ) -> ModelVersion:
        """The version that holds `files` (path → bytes): the one that has them already, else the next number.

        Raises RegistryError for a name outside `[a-z0-9.-]` or a version with these files that was tampered with.
        """
        check_name(name)
        with placing.sibling_folder(self.folder / name) as fresh:
            for path, data in files.items():
                (fresh / "files" / path).parent.mkdir(parents=True, exist_ok=True)
                (fresh / "files" / path).write_bytes(data)
            listed = entries(fresh / "files")
            identity = digest(canonical_json(listed))
            # Every pass sees all numbers below the one it claims, so equal files never get two numbers.
            while True:
                known = self.list(name)
                if same := next((version for version in known if version.digest == identity), None):
                    same.verify()
                    return same
                number = known[-1].version + 1 if known else 1
                version = ModelVersion(
                    name=name,
                    version=number,
                    digest=identity,
                    created_at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                    run_id=run_id,
                    files=listed,
                    metrics=metrics,
                    description=description,
                    folder=self.folder / name / str(number),
                )
                (fresh / RECORD).write_bytes(canonical_json(version.document()))
                if placing.claim(fresh, version.folder):
                    return version

    def list(self, name: str | None = None) -> "list[ModelVersion]":
        """All versions, by name and number. Raises RegistryError for a record that cannot be read."""
        names = [name] if name else sorted(path.name for path in _folders(self.folder))
        return [
            _read(self.folder / each / str(number))
            for each in names
            for number in sorted(int(path.name) for path in _folders(self.folder / each) if path.name.isdecimal())
        ]

    def get(self, name: str, version: int) -> ModelVersion:
        """One version. Raises RegistryError when there is none."""
        check_name(name)
        folder = self.folder / name / str(version)
        if not folder.is_dir():
            numbers = ", ".join(str(each.version) for each in self.list(name)) or "none"
            raise RegistryError(f"model {name}:{version} is not in {self.folder}; versions of {name!r}: {numbers}")
        return _read(folder)

    def latest(self, name: str) -> ModelVersion:
        """The highest version of a name. Raises RegistryError when there is none."""
        check_name(name)
        if not (versions := self.list(name)):
            raise RegistryError(f"model {name!r} has no version in {self.folder}; run: workbench train --data FILE")
        return versions[-1]


def read_files(paths: Iterable[Path]) -> dict[str, bytes]:
    """The content of files by their names, and of folders by the paths below them.

    Raises RegistryError for what cannot be read, an empty folder, and two files of one name.
    """
    content: dict[str, bytes] = {}
    for path in paths:
        below = [(each, each.relative_to(path)) for each in sorted(path.rglob("*")) if each.is_file()]
        for file, name in below if path.is_dir() else [(path, Path(path.name))]:
            if name.as_posix() in content:
                raise RegistryError(f"{file}: another file is called {name} too; name each once")
            try:
                content[name.as_posix()] = file.read_bytes()
            except OSError as error:
                raise RegistryError(f"{file}: cannot be read ({error.strerror}); name a file of the model") from error
    if not content:
        raise RegistryError("the model has no files; name a file, or a folder that holds some")
    return content


def check_name(name: str) -> None:
    """Raise RegistryError unless `name` can name a model."""
    if not NAME.fullmatch(name):
        raise RegistryError(f"name {name!r}: up to 32 of a-z, 0-9, '.' and '-', with a letter or digit at both ends")


def _folders(folder: Path) -> "list[Path]":
    return [path for path in folder.iterdir() if path.is_dir() and path.name[0] != "."] if folder.is_dir() else []


def _read(folder: Path) -> ModelVersion:
    try:
        return ModelVersion(**json.loads((folder / RECORD).read_bytes()), folder=folder)
    except (OSError, ValueError, TypeError) as error:
        raise RegistryError(f"{folder / RECORD} cannot be read ({error}); remove the folder and train again") from error
