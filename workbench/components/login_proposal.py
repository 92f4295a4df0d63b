"""The login that previews and the first update of a stack propose alike, kept in the home until the state has it.

Each run of a program would propose another random one, and an update by the plan of a preview would then be refused.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from workbench.components import key_files
from workbench.core import home

KEYS = {"password", "htpasswd"}


def path(stack: str) -> Path:
    return home.home() / "logins" / home.project_name() / f"{stack}.json"


def proposed(stack: str, make: Callable[[], dict[str, str]]) -> dict[str, str]:
    """Return what was proposed before, else propose what `make` gives: a file that its owner alone reads."""
    place = path(stack)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError, ValueError):
        found = json.loads(place.read_text(encoding="utf-8"))
        if isinstance(found, dict) and found.keys() == KEYS:
            return {key: str(value) for key, value in found.items()}
    new = make()
    key_files.write_private(place, json.dumps(new))
    return new


def forget(stack: str) -> None:
    """Remove it, once the state has the login."""
    path(stack).unlink(missing_ok=True)
