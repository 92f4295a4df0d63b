"""The home's folders and the passphrase of the stacks' secrets: made once, for this user's eyes."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

from workbench.toolchain.cache import write_atomically

if TYPE_CHECKING:
    from workbench.toolchain.places import Places
    from workbench.toolchain.process import Log

_PRIVATE = 0o700


def ensure_home(log: Log, places: Places) -> bool:
    """Make the home, the state's folder and a random passphrase; return whether anything was made."""
    changed = not places.home.is_dir()
    for folder in (places.home, places.state, places.passphrase.parent, places.pulumi_home):
        folder.mkdir(mode=_PRIVATE, parents=True, exist_ok=True)
    if not places.passphrase.exists():
        write_atomically(places.passphrase, secrets.token_urlsafe(32) + "\n", mode=0o600)
        log.say(f"a new passphrase for the stacks' secrets: {places.passphrase}; keep it as long as the stacks")
        changed = True
    return changed
