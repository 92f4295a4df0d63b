"""What versions.toml says, typed. Reads one file; decides nothing."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.toolchain.errors import VersionsError

_SHA256 = re.compile(r"[0-9a-f]{64}")
FILE = Path(__file__).resolve().with_name("versions.toml")


@dataclass(frozen=True)
class Go:
    """The Go toolchain: what is fetched, what is enough, and the module digests by architecture."""

    version: str
    minimum: str
    sums: dict[str, str]


@dataclass(frozen=True)
class Debian:
    """Debian's suite, the revision of what is made of it, and the packages that we may bring."""

    suite: str
    revision: str
    venv: tuple[str, ...]
    dockerd: tuple[str, ...]
    cluster: tuple[str, ...]
    go: tuple[str, ...]


@dataclass(frozen=True)
class Download:
    """Templates of a vendor's archive and of its published list of checksums; the sha256 pinned for each architecture.

    An archive without a pinned one is not used. The list is asked only by who pins.
    """

    archive: str
    checksums: str
    # Not in the recipe of what is built from modules.
    sha256: dict[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Copy:
    """Files taken as they are from a Go module `source` that the go.mod of `module` requires."""

    module: str
    source: str
    files: tuple[str, ...]


@dataclass(frozen=True)
class Build:
    """One `go build`: folder under toolchain/go, package, what the linker sets, files embedded from a module."""

    module: str
    package: str
    version_variable: str = ""
    embeds: Copy | None = None


@dataclass(frozen=True)
class Engine:
    """A program (and what stands beside it) that `pulumi up` needs; without `vendor` nobody ships it built."""

    name: str
    version: str
    below: str
    default: bool
    plugin: str
    answers: tuple[str, ...]
    files: tuple[str, ...]
    vendor: Download | None
    builds: tuple[Build, ...]
    copies: tuple[Copy, ...]


@dataclass(frozen=True)
class Versions:
    """All of versions.toml; `images` maps a base image to its Debian packages, `on_demand` are those `up` leaves."""

    go: Go
    debian: Debian
    engines: dict[str, Engine]
    images: dict[str, tuple[str, ...]]
    on_demand: frozenset[str]


def read_versions(path: Path = FILE) -> Versions:
    """Read the pins.

    Raises:
        VersionsError: a key is missing or the file is no TOML.

    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        return Versions(
            go=Go(**data["go"]),
            debian=_debian(data["debian"]),
            engines={name: _engine(name, entry) for name, entry in data["engines"].items()},
            images={name: tuple(entry["packages"]) for name, entry in data["images"].items()},
            on_demand=frozenset(name for name, entry in data["images"].items() if entry.get("on_demand", False)),
        )
    except tomllib.TOMLDecodeError as error:
        raise VersionsError(f"{path}: no TOML: {error}; repair the file") from error
    except KeyError as error:
        raise VersionsError(f"{path}: the key {error} is missing; add it") from error
    except TypeError as error:
        raise VersionsError(f"{path}: a table has a key too many or too few: {error}; repair the file") from error


def _debian(entry: dict[str, Any]) -> Debian:
    return Debian(
        suite=entry["suite"],
        revision=entry["revision"],
        venv=tuple(entry["venv"]),
        dockerd=tuple(entry["dockerd"]),
        cluster=tuple(entry["cluster"]),
        go=tuple(entry["go"]),
    )


def _engine(name: str, entry: dict[str, Any]) -> Engine:
    return Engine(
        name=name,
        version=entry["version"],
        below=entry["below"],
        default=entry["default"],
        plugin=entry.get("plugin", ""),
        answers=tuple(entry["answers"]),
        files=tuple(entry["files"]),
        vendor=_download(name, entry["vendor"]) if "vendor" in entry else None,
        builds=tuple(_build(build) for build in entry["builds"]),
        copies=tuple(_copy(copy["module"], copy) for copy in entry.get("copies", [])),
    )


def _download(name: str, entry: dict[str, Any]) -> Download:
    vendor = Download(**entry)
    for architecture, digest in vendor.sha256.items():
        if not _SHA256.fullmatch(digest):
            raise VersionsError(
                f"engines.{name}.vendor.sha256.{architecture} = {digest!r} is not 64 hex digits; "
                "run `python3 -m workbench.toolchain pin` and copy its lines"
            )
    return vendor


def _build(entry: dict[str, Any]) -> Build:
    embeds = entry.get("embeds")
    return Build(
        module=entry["module"],
        package=entry["package"],
        version_variable=entry.get("version_variable", ""),
        embeds=_copy(entry["module"], embeds) if embeds else None,
    )


def _copy(module: str, entry: dict[str, Any]) -> Copy:
    return Copy(module, entry["source"], tuple(entry["files"]))
