"""Canonical JSON and digests: the same content has the same bytes anywhere. Writes nothing."""

import hashlib
import json
from pathlib import Path
from typing import Any, TypedDict

PREFIX = "sha256:"
HEX_LENGTH = 64


class FileEntry(TypedDict):
    """One file of a folder: its path relative to the folder, sha256 as 64 hex digits, size in bytes."""

    path: str
    sha256: str
    size: int


def canonical_json(value: Any) -> bytes:  # noqa: ANN401 - any JSON value
    """UTF-8 JSON with sorted keys, no spaces and one final newline. Raises ValueError for NaN and infinities."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":"))
    return f"{text}\n".encode()


def sha256_hex(data: bytes) -> str:
    """The sha256 of `data` as 64 hex digits."""
    return hashlib.sha256(data).hexdigest()


def sha256_file(path: Path) -> str:
    """The sha256 of a file's bytes as 64 hex digits. Raises OSError."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest(data: bytes) -> str:
    """`sha256:` and the sha256 of `data`."""
    return PREFIX + sha256_hex(data)


def is_hex(text: str) -> bool:
    """Whether `text` is 64 lower-case hex digits."""
    return len(text) == HEX_LENGTH and all(letter in "0123456789abcdef" for letter in text)


def is_digest(text: str) -> bool:
    """Whether `text` is `sha256:` followed by 64 lower-case hex digits."""
    return text.startswith(PREFIX) and is_hex(text.removeprefix(PREFIX))


def stays_inside(path: str) -> bool:
    """Whether a path of a record, with `/` between its parts, names a file below the folder that it is relative to."""
    return "\0" not in path and all(part not in ("", ".", "..") for part in path.split("/"))


def entries(folder: Path) -> list[FileEntry]:
    """Every file below `folder`, sorted by path. Raises OSError."""
    paths = sorted(
        (path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.relative_to(folder).parts
    )
    return [
        {"path": path.relative_to(folder).as_posix(), "sha256": sha256_file(path), "size": path.stat().st_size}
        for path in paths
    ]


def damage(folder: Path, expected: list[FileEntry]) -> str | None:
    """The first difference between `folder` and `expected` as half a sentence that names the file, None if equal."""
    found = {entry["path"]: entry for entry in entries(folder)} if folder.is_dir() else {}
    for entry in expected:
        path = entry["path"]
        if path not in found:
            return f"{path} is missing"
        if found[path]["sha256"] != entry["sha256"]:
            return f"{path} has sha256 {found[path]['sha256'][:12]}…, recorded is {entry['sha256'][:12]}…"
    surplus = sorted(found.keys() - {entry["path"] for entry in expected})
    return f"{surplus[0]} is not recorded" if surplus else None
