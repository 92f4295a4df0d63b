"""What pods leave outside of the cluster's own folder, known by the containers that each containerd's state names."""

from __future__ import annotations

import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from workbench.toolchain.cache import discard

_SCHEME = "unix://"
_LOG_LINKS = Path("/var/log/containers")
_NETWORK_NOTES = Path("/var/lib/cni/results")


@dataclass(frozen=True)
class Leftovers:
    """Ids of containers, their network namespaces and the sockets of their shims."""

    ids: frozenset[str]
    namespaces: frozenset[Path]
    sockets: frozenset[Path]

    def remove(self, root: Path) -> None:
        """Remove what these containers left, mounts excepted; nothing of anybody else's."""
        for path in (*self.namespaces, *self.sockets):
            path.unlink(missing_ok=True)
        for note in _NETWORK_NOTES.glob("*"):
            if any(each in note.name for each in self.ids):
                discard(note)
        for link in _LOG_LINKS.glob("*"):
            if link.is_symlink() and root in link.readlink().parents:
                link.unlink()


def find_leftovers(states: Iterable[Path]) -> Leftovers:
    """Read them from the folders in which each containerd keeps one folder for each container that runs."""
    bundles = [bundle for state in states for bundle in state.glob("io.containerd.runtime.v2.task/k8s.io/*")]
    namespaces, sockets = set(), set()
    for bundle in bundles:
        with suppress(FileNotFoundError, ValueError):  # it may just end
            configuration = json.loads((bundle / "config.json").read_text(encoding="utf-8"))
            kinds = configuration["linux"]["namespaces"]
            # A path below /proc is a namespace that another container holds.
            paths = [kind.get("path", "") for kind in kinds if kind["type"] == "network"]
            namespaces |= {Path(path) for path in paths if path and not path.startswith("/proc/")}
        with suppress(FileNotFoundError):
            sockets.add(Path((bundle / "address").read_text(encoding="utf-8").strip().removeprefix(_SCHEME)))
    return Leftovers(frozenset(bundle.name for bundle in bundles), frozenset(namespaces), frozenset(sockets))
