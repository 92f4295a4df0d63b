"""A vendor's own archive: downloaded, checked against the sha256 pinned in versions.toml, unpacked."""

from __future__ import annotations

import hashlib
import shutil
import tarfile
import urllib.request
from http.client import HTTPException
from typing import TYPE_CHECKING

from workbench.toolchain.errors import ChecksumError, MissingError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

CONNECT_SECONDS = 5.0
_CHUNK = 1 << 20


def download(archive_url: str, pinned: str, files: Sequence[str], into: Path) -> None:
    """Put `files` of the archive with the sha256 `pinned` into the folder `into`, executable.

    Raises:
        ChecksumError: the archive is not the pinned one.
        MissingError: the vendor cannot be reached, or the archive lacks a file.

    """
    into.mkdir(parents=True, exist_ok=True)
    packed = into / ".archive"
    try:
        with urllib.request.urlopen(archive_url, timeout=CONNECT_SECONDS) as answer, packed.open("wb") as file:  # noqa: S310  # versions.toml names it
            digest = hashlib.sha256()
            while chunk := answer.read(_CHUNK):
                digest.update(chunk)
                file.write(chunk)
        if digest.hexdigest() != pinned:
            raise ChecksumError(f"{archive_url} has sha256 {digest.hexdigest()}, pinned is {pinned}; not used")
        unpack(packed, files, into)
    except (OSError, HTTPException, tarfile.TarError) as error:
        raise MissingError(f"{archive_url}: {error}") from error
    finally:
        packed.unlink(missing_ok=True)


def published_checksum(archive_url: str, checksums_url: str) -> str:
    """Return the sha256 that the vendor publishes for an archive: for who pins it, and reads it in review.

    Raises:
        ChecksumError: the list does not name the archive.
        MissingError: the vendor cannot be reached.

    """
    try:
        with urllib.request.urlopen(checksums_url, timeout=CONNECT_SECONDS) as answer:  # noqa: S310  # versions.toml names it
            return checksum_of(answer.read().decode(), archive_url.rsplit("/", 1)[-1])
    except (OSError, HTTPException, UnicodeDecodeError) as error:
        raise MissingError(f"{checksums_url}: {error}; pin on a machine that reaches the vendor") from error


def checksum_of(listing: str, name: str) -> str:
    """Return the sha256 that a `sha256sum` listing gives for the file `name`."""
    for line in listing.splitlines():
        digest, _, listed = line.partition(" ")
        if listed.strip().lstrip("*") == name:
            return digest.lower()
    raise ChecksumError(f"the published checksums do not name {name}; nothing to pin")


def unpack(packed: Path, files: Sequence[str], into: Path) -> None:
    """Copy the regular files of these base names out of a tar, whatever folder they lie in; nothing else is written."""
    missing = set(files)
    with tarfile.open(packed) as archive:
        for member in archive:
            name = member.name.rsplit("/", 1)[-1]
            source = archive.extractfile(member) if member.isreg() and name in missing else None
            if source is None:
                continue
            with source, (into / name).open("wb") as target:
                shutil.copyfileobj(source, target)
            (into / name).chmod(0o755)
            missing.remove(name)
    if missing:
        raise MissingError(f"{packed.name} lacks {', '.join(sorted(missing))}")
