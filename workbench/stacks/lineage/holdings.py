"""What manifests hold, read from their records alone: no file of theirs is looked at."""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core import home
from workbench.core.canonical import PREFIX, is_hex, sha256_hex
from workbench.core.errors import ManifestError
from workbench.registry.manifests.manifest import RECORD, parse
from workbench.registry.models.model_version import ModelVersion


@dataclass(frozen=True)
class Holding:
    """A manifest's id, the record, and the folder that it lies in."""

    id: str
    document: dict[str, Any]
    folder: Path

    @property
    def requirements(self) -> str:
        """64 hex digits: the wheels that it needs."""
        return str(self.document["runtime"]["requirements"]["sha256"])

    def holds(self, version: ModelVersion) -> bool:
        """Whether a model version is in it: the same name, number and files."""
        wanted = (version.name, version.version, version.digest)
        return any((each["name"], each["version"], each["digest"]) == wanted for each in self.document["models"])


def read(root: Path | None = None) -> list[Holding]:
    """Every manifest of the home, oldest first. Raises ManifestError for a record that is not what its id says."""
    parent = (root or home.registry()) / "manifests"
    folders = [each for each in parent.iterdir() if is_hex(each.name)] if parent.is_dir() else []
    found = [(_moment(folder), holding) for folder in folders if (holding := _read(folder))]
    return [holding for _, holding in sorted(found, key=lambda each: (each[0], each[1].id))]


def holding(version: ModelVersion, holdings: Iterable[Holding]) -> list[Holding]:
    """The manifests that a model version is in."""
    return [each for each in holdings if each.holds(version)]


def _read(folder: Path) -> Holding | None:
    try:
        data = (folder / RECORD).read_bytes()
    except FileNotFoundError:
        return None  # somebody removed it meanwhile
    if sha256_hex(data) != folder.name:
        raise ManifestError(f"manifest {folder.name[:12]}: {RECORD} was changed; remove {folder} and create it again")
    return Holding(PREFIX + folder.name, parse(data, folder), folder)


def _moment(folder: Path) -> int:
    try:
        return folder.stat().st_mtime_ns
    except FileNotFoundError:
        return 0
