"""The docker client: which program, which engine, and the few questions we ask it."""

from __future__ import annotations

import os
import shutil
import stat
from dataclasses import dataclass
from pathlib import Path

from workbench.toolchain.errors import CommandError, MissingError
from workbench.toolchain.process import read

DEFAULT_HOST = "unix:///var/run/docker.sock"
# Debian's client fits Debian's dockerd; what is first on PATH may be a shim or another container tool.
_DEBIAN_CLIENT = Path("/usr/bin/docker")


@dataclass(frozen=True)
class Docker:
    """A client and the engine that it talks to, e.g. unix:///var/run/docker.sock."""

    client: Path
    host: str

    def command(self, *arguments: str) -> list[str]:
        return [str(self.client), "--host", self.host, *arguments]

    def server_version(self) -> str | None:
        """Return the engine's version, or None while it does not answer."""
        try:
            return read(self.command("version", "--format", "{{.Server.Version}}")).strip() or None
        except (CommandError, MissingError):
            return None

    def image_id(self, tag: str) -> str | None:
        """Return `sha256:…` of a local image, or None if the engine has none of that name."""
        try:
            return read(self.command("image", "inspect", "--format", "{{.Id}}", tag)).strip()
        except CommandError:
            return None


def find_client() -> Path | None:
    """Return the docker client to use, or None."""
    if os.access(_DEBIAN_CLIENT, os.X_OK):
        return _DEBIAN_CLIENT
    found = shutil.which("docker")
    return Path(found) if found else None


def has_socket(host: str) -> bool:
    """Say whether `host` may answer at all: a unix socket must exist, other addresses are always worth asking."""
    path = Path(host.removeprefix("unix://"))
    return not host.startswith("unix://") or (path.exists() and stat.S_ISSOCK(path.stat().st_mode))
