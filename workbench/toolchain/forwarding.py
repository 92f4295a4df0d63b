"""Whether the kernel forwards between networks, and what it does with what no rule names: shared by all that forward.

The first of our homes, dockerd or cluster, notes how it was; the last puts it back. The note is in /run: it is gone
with the state it tells of.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from workbench.toolchain.cache import locked, write_atomically
from workbench.toolchain.kernel import call, list_rules

KERNEL = Path("/proc/sys/net/ipv4/ip_forward")
_NOTES = Path("/run/workbench")
# Chains of our dockerds, of others, of clusters; the rules of our own cluster.
_USERS = re.compile(r"^-N (WB[0-9a-f]{8}|DOCKER|KUBE-\S+|CNI-\S+)$|^-A .*\bworkbench-\S", re.MULTILINE)


def claim() -> None:
    """Note how the kernel is, unless somebody forwards already and the note is from before that."""
    with locked(_NOTES / ".lock"):
        note = _note()
        if note.exists() and _is_used():
            return
        found = re.search(r"^-P FORWARD (\S+)", list_rules("filter") or "", re.MULTILINE)
        state = {"policy": found.group(1) if found else "ACCEPT", "forwarding": KERNEL.read_text().strip()}
        write_atomically(note, json.dumps(state) + "\n")


def release() -> None:
    """Put back what `claim` noted, unless somebody forwards still."""
    with locked(_NOTES / ".lock"):
        note = _note()
        if not note.exists() or _is_used():
            return
        state = json.loads(note.read_text(encoding="utf-8"))
        call("iptables", "--wait", "--policy", "FORWARD", state["policy"])
        KERNEL.write_text(state["forwarding"] + "\n")
        note.unlink()


def _is_used() -> bool:
    return any(_USERS.search(list_rules(table) or "") for table in ("filter", "nat"))


def _note() -> Path:
    """One for each network namespace: /run may be shared by several."""
    return _NOTES / f"forwarding-{Path('/proc/self/ns/net').stat().st_ino}.json"
