"""Where the cluster keeps its things, and which addresses and ports are its own. Pure but for looking."""

from __future__ import annotations

import hashlib
import json
import os
import socket
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain.cache import write_atomically
from workbench.toolchain.cluster.node import MOST_NODES, Node

if TYPE_CHECKING:
    from workbench.toolchain.places import Places

NODE_ADDRESS, NODE_NETWORK, NODE_BRIDGE = "10.243.0.1", "10.243.0.0/24", "workbench0"
POD_NETWORK = "10.244.0.0/16"
SERVICE_NETWORK, API_SERVICE = "10.96.0.0/16", "10.96.0.1"
LOOPBACK = "127.0.0.1"
PAUSE = "localhost/pause:1"

# sun_path holds 108 bytes; this is the deepest socket of all that are made here.
_LONGEST_SOCKET = 107
_DEEPEST_SOCKET = "node-2/kubelet/pod-resources/kubelet.sock.ttrpc"
# Below those that the kernel hands out, and those of NodePorts.
_FIRST_PORT, _LAST_PORT = 17_000, 19_999


@dataclass(frozen=True)
class Ports:
    """One port for each door of the cluster's programs; all of them on loopback or on a node's own address."""

    api: int
    etcd: int
    etcd_peer: int
    kubelet: int
    kubelet_health: int
    proxy_health: int
    proxy_metrics: int
    manager: int
    scheduler: int


@dataclass(frozen=True)
class Layout:
    """Folders and files under one root; `address` is where its API server listens."""

    root: Path
    address: str = NODE_ADDRESS

    @property
    def certificates(self) -> Path:
        return self.root / "certificates"

    @property
    def authority(self) -> Path:
        return self.certificates / "ca.crt"

    @property
    def settings(self) -> Path:
        return self.root / "settings"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def programs(self) -> Path:
        return self.root / "programs"

    @property
    def kubeconfig(self) -> Path:
        """Return what an administrator, and `pulumi up`, come in by."""
        return self.root / "kubeconfig"

    @property
    def notes(self) -> Path:
        """Return what tells how the host was before."""
        return self.root / "host.json"

    @property
    def ports(self) -> Path:
        return self.root / "ports.json"

    def nodes(self, count: int = MOST_NODES) -> tuple[Node, ...]:
        """Return the first `count` of all that there can be."""
        return tuple(Node(self.root, number) for number in range(1, count + 1))


def layout(places: Places) -> Layout:
    """Return the cluster of this home: in the home, unless its path is too long for a unix socket."""
    root = places.home / "cluster"
    if len(os.fsencode(root / _DEEPEST_SOCKET)) > _LONGEST_SOCKET:
        root = Path("/var/lib") / f"workbench-{hashlib.sha256(os.fsencode(places.home)).hexdigest()[:8]}-cluster"
    return Layout(root)


def kept_ports(here: Layout) -> Ports | None:
    """Return the ports of the last start, or None if there was none."""
    try:
        return Ports(**json.loads(here.ports.read_text(encoding="utf-8")))
    except (FileNotFoundError, TypeError, ValueError):
        return None


def choose_ports(here: Layout) -> Ports:
    """Return the ports of the last start while they are free, else others, and keep them."""
    kept = kept_ports(here)
    if kept and all(_is_free(port) for port in asdict(kept).values()):
        return kept
    names = list(Ports.__dataclass_fields__)
    free = (port for port in range(_FIRST_PORT, _LAST_PORT) if _is_free(port))
    ports = Ports(**dict(zip(names, free, strict=False)))
    write_atomically(here.ports, json.dumps(asdict(ports), indent=2) + "\n")
    return ports


def _is_free(port: int) -> bool:
    try:
        socket.create_server(("0.0.0.0", port)).close()  # noqa: S104 - tried and closed at once
    except OSError:
        return False
    return True
