"""The login that previews and the first update of a stack propose alike, kept in the home until the state has it.

Each run of a program would propose another random one, and an update by the plan of a preview would then be refused.
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

from model import home


def path(stack: str) -> Path:
    return home.home() / "logins" / home.project_name() / f"{stack}.json"


def proposed(stack: str, new: dict[str, str]) -> dict[str, str]:
    """Return what was proposed before, else propose `new`: a file that its owner alone reads."""
    place = path(stack)
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with suppress(OSError, ValueError):
        found = json.loads(place.read_text(encoding="utf-8"))
        if isinstance(found, dict) and found.keys() == new.keys():
            return {key: str(value) for key, value in found.items()}
    temporary = place.with_name(f".{place.name}.{os.getpid()}")
    with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as handle:
        json.dump(new, handle)
    temporary.replace(place)
    return new


def forget(stack: str) -> None:
    """Remove it, once the state has the login."""
    path(stack).unlink(missing_ok=True)
