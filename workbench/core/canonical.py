"""Canonical JSON and digests: the same content has the same bytes anywhere. Writes nothing."""

import hashlib
import json
import os
import re
import stat
from pathlib import Path
from typing import Any, TypedDict

PREFIX = "sha256:"
HEX_LENGTH = 64
_HEX = re.compile(r"[0-9a-f]{64}")


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
    return bool(_HEX.fullmatch(text))


def is_digest(text: str) -> bool:
    """Whether `text` is `sha256:` followed by 64 lower-case hex digits."""
    return text.startswith(PREFIX) and is_hex(text.removeprefix(PREFIX))


def plain_files(folder: Path) -> list[Path]:
    """Every plain file below `folder`, sorted by path; no links, and nothing that they lead to. Raises OSError."""
    return _divided(folder)[0]


def stranger(folder: Path) -> str | None:
    """The first thing below `folder` that is neither plain file nor folder, by its path; None without one."""
    return next((path.relative_to(folder).as_posix() for path in _divided(folder)[1]), None)


def entries(folder: Path) -> list[FileEntry]:
    """Every plain file below `folder`, sorted by path. Raises OSError."""
    return [_entry(folder, path) for path in plain_files(folder)]


def damage(folder: Path, expected: list[FileEntry]) -> str | None:
    """The first difference between `folder` and `expected` as half a sentence that names the file, None if equal."""
    plain, strange = _divided(folder)
    found = {entry["path"]: entry for entry in (_entry(folder, path) for path in plain)}
    for entry in expected:
        path = entry["path"]
        if path not in found:
            return f"{path} is missing"
        if found[path]["sha256"] != entry["sha256"]:
            return f"{path} has sha256 {found[path]['sha256'][:12]}…, recorded is {entry['sha256'][:12]}…"
    surplus = sorted(found.keys() - {entry["path"] for entry in expected})
    surplus += [path.relative_to(folder).as_posix() for path in strange]
    return f"{surplus[0]} is not recorded" if surplus else None


def _entry(folder: Path, path: Path) -> FileEntry:
    return {"path": path.relative_to(folder).as_posix(), "sha256": sha256_file(path), "size": path.stat().st_size}


def _divided(folder: Path) -> tuple[list[Path], list[Path]]:
    """The plain files below a folder, and what is neither that nor a folder, such as links; each sorted by path."""
    plain: list[Path] = []
    strange: list[Path] = []
    for place, folders, names in os.walk(folder):
        for path in (Path(place, name) for name in (*folders, *names)):
            mode = path.lstat().st_mode
            if not stat.S_ISDIR(mode):
                (plain if stat.S_ISREG(mode) else strange).append(path)
    return sorted(plain, key=lambda path: path.parts), sorted(strange)
