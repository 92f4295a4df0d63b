"""The caller's copies of a service's keys: files that only their owner reads, outside the tree."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from model import home

NAMES = ("primary", "secondary")
HEADER = "authorization"  # a line for `curl -H @FILE`, so that no key stands in an argument


def folder(stack: str, service: str) -> Path:
    return home.home() / "keys" / stack / service


def write(stack: str, service: str, keys: dict[str, str]) -> None:
    place = folder(stack, service)
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    contents = {**{name: keys[name] for name in NAMES}, HEADER: f"Authorization: Bearer {keys['primary']}"}
    for name, content in contents.items():
        temporary = place / f".{name}"
        temporary.unlink(missing_ok=True)
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
            handle.write(content + "\n")
        temporary.replace(place / name)


def delete(stack: str, service: str) -> None:
    shutil.rmtree(folder(stack, service), ignore_errors=True)
