"""Where things lie: the project, the home (docs/handover.md), the cache. Computes paths; makes and reads nothing."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

PROJECT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Absolute folders; everything the toolchain makes is under one of them.

    `project` is the workbench's own tree; `outside`, where given, is somebody's project that has it installed.
    """

    project: Path
    home: Path
    cache: Path
    outside: Path | None = None

    @property
    def mark(self) -> str:
        """8 hex digits of the home's path: the home's name where others' things have names too."""
        return hashlib.sha256(os.fsencode(self.home)).hexdigest()[:8]

    @property
    def venv(self) -> Path:
        return (self.outside or self.project) / ".venv"

    @property
    def modules(self) -> Path:
        """The committed go.mod files, one folder a binary."""
        return self.project / "workbench" / "toolchain" / "go"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def record(self) -> Path:
        return self.home / "toolchain.json"

    @property
    def image_tags(self) -> Path:
        return self.home / "images.json"

    @property
    def pulumi_home(self) -> Path:
        return self.home / "pulumi"

    @property
    def state(self) -> Path:
        return self.home / "state"

    @property
    def passphrase(self) -> Path:
        return self.home / "secrets" / "passphrase"

    @property
    def dockerd(self) -> Path:
        return self.home / "dockerd"


def find_places(
    environment: Mapping[str, str] = os.environ, project: Path = PROJECT, outside: Path | None = None
) -> Places:
    """Follow WORKBENCH_HOME and the XDG variables; relative values are ignored, as the XDG specification asks."""
    user = Path(environment.get("HOME") or Path.home())
    data = _absolute(environment.get("XDG_DATA_HOME")) or user / ".local" / "share"
    cache = _absolute(environment.get("XDG_CACHE_HOME")) or user / ".cache"
    home = environment.get("WORKBENCH_HOME")
    return Places(
        project=project,
        home=Path(home).expanduser().absolute() if home else data / "workbench",
        cache=cache / "workbench",
        outside=outside.absolute() if outside else None,
    )


def _absolute(value: str | None) -> Path | None:
    return Path(value) if value and Path(value).is_absolute() else None
