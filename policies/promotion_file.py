"""Where a project keeps the evidence of promotions, and reading it: a signature is checked where a stack demands it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from policies import envelope, evidence
from policies.errors import PolicyError
from policies.evidence import Evidence
from policies.settings import PolicySettings

if TYPE_CHECKING:
    from policies.envelope import Public

FOLDER: Final = "promotions"


def path(project: Path, stack: str, service: str) -> Path:
    """`promotions/<stack>/<service>.json`, a file to be committed."""
    return project / FOLDER / stack / f"{service}.json"


def read(project: Path, stack: str, service: str, settings: PolicySettings) -> tuple[Evidence | None, str | None]:
    """The evidence, None where there is none, and why its signature can't be believed where the stack demands one.

    Raises PolicyError for a promotionKey that can't be used, and for a file that is no evidence at all.
    """
    place = path(project, stack, service)
    where = place.relative_to(project).as_posix()
    wanted = key(project, settings.promotion_key) if settings.promotion_key else None
    try:
        content = json.loads(place.read_bytes())
    except FileNotFoundError:
        return None, f"has no evidence at {where}, which this stack demands signed" if wanted else None
    except (OSError, ValueError) as error:
        raise PolicyError(f"{where}: cannot be read ({error}); run: workbench promote") from error
    found = evidence.read(where, envelope.opened(where, content))
    unsigned = None
    if wanted:
        try:
            envelope.opened(where, content, wanted)
        except PolicyError as error:
            unsigned = f"has evidence that can't be believed: {error}"
    if found.target != stack:
        unsigned = unsigned or f"has evidence of a promotion to {found.target} at {where}"
    return found, unsigned


def key(project: Path, told: str) -> Public:
    """The key of a `promotionKey`: PEM itself, or the path of a file from the project on. Raises PolicyError."""
    if told.lstrip().startswith("-----BEGIN"):
        return envelope.public_key("promotionKey", told.encode())
    try:
        return envelope.public_key(f"promotionKey {told}", (project / told).read_bytes())
    except OSError as error:
        raise PolicyError(f"promotionKey {told}: cannot be read ({error.strerror}); it names a public key") from error
