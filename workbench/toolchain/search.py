"""Finding programs on PATH and comparing their versions. Pure but for looking at files."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_VERSION = re.compile(r"(?:^|[^0-9.])(\d+\.\d+(?:\.\d+)?)")


def on_path(program: str, path: str | None = None, without: Path | None = None) -> Iterator[Path]:
    """Yield every executable of that name in PATH's order, bar those under the folder `without`."""
    for folder in (os.environ.get("PATH", "") if path is None else path).split(os.pathsep):
        candidate = Path(folder or ".") / program
        ours = without is not None and candidate.resolve().is_relative_to(without.resolve())
        if not ours and candidate.is_file() and os.access(candidate, os.X_OK):
            yield candidate.absolute()


def version_in(text: str) -> str | None:
    """Return the first version in what a program says, e.g. 3.259.0 of `v3.259.0`."""
    found = _VERSION.search(text)
    return found.group(1) if found else None


def fits(version: str | None, minimum: str, below: str | None = None) -> bool:
    """Say whether minimum <= version < below, number by number."""
    if version is None or _numbers(version) < _numbers(minimum):
        return False
    return below is None or _numbers(version) < _numbers(below)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
