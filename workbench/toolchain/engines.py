"""Where each engine comes from: PATH, the cache, the vendor's download, or a build from Go modules, in this order."""

from __future__ import annotations

import filecmp
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workbench.toolchain.cache import discard, locked, place
from workbench.toolchain.errors import ChecksumError, CommandError, MissingError
from workbench.toolchain.gobuild import build_engine, engine_key
from workbench.toolchain.golang import ensure_go
from workbench.toolchain.machine import go_architecture
from workbench.toolchain.process import Log, read
from workbench.toolchain.record import update_record
from workbench.toolchain.search import fits, on_path, version_in
from workbench.toolchain.vendor import download, published_checksum

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Engine, Versions

_ORIGIN = ".origin"
_VENDOR_ARCHITECTURE = {"amd64": "x64", "arm64": "arm64"}


@dataclass(frozen=True)
class Found:
    """An engine that answers: its folder, its version, and where it came from (PATH, download or Go modules)."""

    folder: Path
    version: str
    origin: str


def cached_folder(engine: Engine, places: Places) -> Path:
    """Return where the cache holds, or would hold, this very recipe."""
    return places.cache / "engines" / engine.name / f"{engine.version}-{engine_key(engine, places)}"


def find_engine(engine: Engine, places: Places) -> Found | None:
    """Return the engine if it is there already; touches no network."""
    for program in on_path(engine.files[0], without=places.cache):
        version = answered_version(engine, program.parent)
        beside = all((program.parent / name).exists() for name in engine.files)
        if version and beside and fits(version, engine.version, engine.below):
            return Found(program.parent, version, "PATH")
    folder = cached_folder(engine, places)
    try:
        return Found(folder, engine.version, (folder / _ORIGIN).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None


def ensure_engine(log: Log, engine: Engine, places: Places, versions: Versions) -> bool:
    """Have the engine, and have it in the record; return whether it had to be brought.

    Raises:
        ToolchainError: no way led to an engine that answers.

    """
    folder = cached_folder(engine, places)
    lock = folder.with_name(f".{folder.name}.lock")
    found = find_engine(engine, places)
    brought = False
    if found is None:
        with locked(lock, lambda: log.say("another set-up brings it; waits")):
            found = find_engine(engine, places)
            if found is None:
                place(folder, lambda partial: _bring(log, engine, places, versions, partial))
                found, brought = find_engine(engine, places), True
    if found is None:
        raise MissingError(f"{engine.name}: {folder} is not whole; remove it and run the same command again")
    entry = {"version": found.version, "from": found.origin, "folder": str(found.folder), "plugin": engine.plugin}
    update_record(places, "engines", engine.name, entry)
    return brought


def answered_version(engine: Engine, folder: Path) -> str | None:
    """Ask the engine in `folder` for its version; None if it does not answer."""
    program, *arguments = engine.answers
    try:
        return version_in(read([folder / program, *arguments], extra={"PULUMI_SKIP_UPDATE_CHECK": "true"}))
    except (CommandError, MissingError):
        return None


def ensure_plugin(log: Log, engine: Engine, places: Places, pulumi: Path, folder: Path) -> bool:
    """Install a provider into PULUMI_HOME; return whether it was not there, byte for byte."""
    program = folder / engine.files[0]
    installed = places.pulumi_home / "plugins" / f"resource-{engine.plugin}-v{engine.version}" / program.name
    if installed.exists() and filecmp.cmp(program, installed, shallow=False):
        return False
    places.pulumi_home.mkdir(parents=True, exist_ok=True)
    log.run(
        [pulumi, "plugin", "install", "resource", engine.plugin, engine.version, "--reinstall", "--file", program],
        extra={"PULUMI_HOME": str(places.pulumi_home), "PULUMI_SKIP_UPDATE_CHECK": "true"},
    )
    return True


def pins(versions: Versions) -> str:
    """Return the lines of versions.toml that pin all vendors' archives, as the vendors publish them by now.

    Raises:
        ToolchainError: a vendor cannot be reached, or does not name an archive.

    """
    lines = []
    for engine in versions.engines.values():
        for architecture in _VENDOR_ARCHITECTURE if engine.vendor else ():
            archive, checksums = _addresses(engine, architecture)
            digest = published_checksum(archive, checksums)
            lines.append(f'[engines.{engine.name}] vendor.sha256.{architecture} = "{digest}"')
    return "\n".join(lines) + "\n"


def _bring(log: Log, engine: Engine, places: Places, versions: Versions, target: Path) -> None:
    try:
        _download(engine, target)
        _prove(engine, target)
        origin = "download"
    except (MissingError, ChecksumError) as error:
        log.say(f"no download: {error}")
        discard(target)
        build_engine(log, ensure_go(log, places, versions), engine, places, target)
        _prove(engine, target)
        origin = "Go modules"
    (target / _ORIGIN).write_text(origin, encoding="utf-8")


def _download(engine: Engine, target: Path) -> None:
    if engine.vendor is None:
        raise MissingError(f"nobody ships {engine.name} built")
    pinned = engine.vendor.sha256.get(go_architecture())
    if pinned is None:
        raise MissingError(
            f"versions.toml pins no sha256 of {engine.name}'s archive; see `python3 -m workbench.toolchain pin`"
        )
    archive, _ = _addresses(engine, go_architecture())
    download(archive, pinned, engine.files, target)


def _addresses(engine: Engine, architecture: str) -> tuple[str, str]:
    """Return the addresses of the vendor's archive and of its list of checksums."""
    if engine.vendor is None:
        raise MissingError(f"nobody ships {engine.name} built")
    names = {
        "version": engine.version,
        "arch": architecture,
        "vendor_arch": _VENDOR_ARCHITECTURE[architecture],
    }
    return engine.vendor.archive.format(**names), engine.vendor.checksums.format(**names)


def _prove(engine: Engine, folder: Path) -> None:
    version = answered_version(engine, folder)
    if version != engine.version:
        raise MissingError(f"{engine.name}: `{' '.join(engine.answers)}` says {version}, wanted is {engine.version}")
