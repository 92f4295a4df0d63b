"""Where a project keeps the evidence of promotions, and reading it: a signature is checked where a stack demands it."""

from __future__ import annotations

import json
import re
import stat
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.policies import envelope, evidence
from workbench.policies.errors import PolicyError
from workbench.policies.evidence import Evidence
from workbench.policies.settings import PolicySettings

if TYPE_CHECKING:
    from workbench.policies.envelope import Public

FOLDER: Final = "promotions"
_NAME = re.compile(r"[A-Za-z0-9_.-]+")
_MOST_BYTES: Final = 4 << 20


def path(project: Path, stack: str, service: str) -> Path:
    """`promotions/<stack>/<service>.json`, a file to be committed. Raises PolicyError for names that lead elsewhere."""
    for name in (stack, service):
        if not _NAME.fullmatch(name) or ".." in name:
            raise PolicyError(f"{name!r:.60} can't name a file below {FOLDER}/; rename the stack or the service")
    return project / FOLDER / stack / f"{service}.json"


def demanded(project: Path, stack: str, service: str, settings: PolicySettings) -> tuple[Evidence | None, str | None]:
    """As `read` gives it; nothing is read of a stack that demands no promotion."""
    return read(project, stack, service, settings) if settings.demands_promotion else (None, None)


def read(project: Path, stack: str, service: str, settings: PolicySettings) -> tuple[Evidence | None, str | None]:
    """The evidence, None where there is none, and why its signature can't be believed where the stack demands one.

    Raises PolicyError for a promotionKey that can't be used, and for a file that is no evidence at all.
    """
    place = path(project, stack, service)
    where = place.relative_to(project).as_posix()
    wanted = key(project, settings.promotion_key) if settings.promotion_key else None
    try:
        content = json.loads(_content(where, place))
    except FileNotFoundError:
        return None, f"has no evidence at {where}, which this stack demands signed" if wanted else None
    except (OSError, ValueError, RecursionError) as error:
        problem = type(error).__name__ if isinstance(error, ValueError | RecursionError) else error.strerror
        raise PolicyError(f"{where}: cannot be read ({problem}); run: workbench promote") from error
    found = evidence.read(where, envelope.opened(where, content))
    if wanted:
        try:
            envelope.opened(where, content, wanted)
        except PolicyError as error:
            return found, f"has evidence that can't be believed: {error}"
    return found, None


def _content(where: str, place: Path) -> bytes:
    """The file's bytes, no more than evidence can have. Raises OSError, PolicyError."""
    found = place.stat()
    if not stat.S_ISREG(found.st_mode):
        raise PolicyError(f"{where}: is no file; remove it and run: workbench promote")
    if found.st_size > _MOST_BYTES:
        raise PolicyError(
            f"{where}: is larger than {_MOST_BYTES >> 20} MiB, so it is no evidence; run: workbench promote"
        )
    return place.read_bytes()


def key(project: Path, told: str) -> Public:
    """The key of a `promotionKey`: PEM itself, or the path of a file from the project on. Raises PolicyError."""
    if told.lstrip().startswith("-----BEGIN"):
        return envelope.public_key("promotionKey", told.encode(errors="replace"))
    try:
        return envelope.public_key(f"promotionKey {told}", (project / told).read_bytes())
    except (OSError, ValueError) as error:  # ValueError of a text that can't be a path
        problem = error.strerror if isinstance(error, OSError) else "it is no path"
        raise PolicyError(f"promotionKey {told!r:.80}: cannot be read ({problem}); it names a public key") from error
