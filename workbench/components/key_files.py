"""The caller's copies of a service's keys: files that only their owner reads, outside the tree."""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from workbench.core import home

NAMES = ("primary", "secondary")
HEADER = "authorization"  # a line for `curl -H @FILE`, so that no key stands in an argument


def folder(stack: str, service: str) -> Path:
    return home.keys(stack, service)


def write(stack: str, service: str, keys: dict[str, str]) -> None:
    """Write what differs, and take these keys from where they lay before folders had their project's name."""
    place = folder(stack, service)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    contents = {**{name: keys[name] for name in NAMES}, HEADER: f"Authorization: Bearer {keys['primary']}"}
    for name, content in contents.items():
        if _read(place / name) != content + "\n":
            write_private(place / name, content + "\n")
    _forget(home.home() / "keys" / stack / service, keys)


def delete(stack: str, service: str, keys: dict[str, str]) -> None:
    shutil.rmtree(folder(stack, service), ignore_errors=True)
    _forget(home.home() / "keys" / stack / service, keys)


def write_private(path: Path, content: str) -> None:
    """Replace a file in one step by one that only its owner reads."""
    temporary = path.with_name(f".{path.name}")
    temporary.unlink(missing_ok=True)
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(content)
    temporary.replace(path)


def _forget(old: Path, keys: dict[str, str]) -> None:
    """Remove these keys from `old`; those of another project that came to lie there stay, and so does a folder."""
    if any(_read(old / name) == keys[name] + "\n" for name in NAMES):
        for name in (*NAMES, HEADER):
            (old / name).unlink(missing_ok=True)
        for each in (old, old.parent):
            with suppress(OSError):
                each.rmdir()  # fails where something else lies in it


def _read(path: Path) -> str | None:
    try:
        return path.read_text(encoding="ascii")
    except (OSError, UnicodeDecodeError):
        return None
