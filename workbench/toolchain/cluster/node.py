"""One node of the cluster: what it is called, where it listens, and where its things lie. Pure but for looking.

All nodes live in the host's own network, each with a kubelet and a containerd of its own; one proxy serves them all.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

NODE = "workbench"
MOST_NODES = 4


@dataclass(frozen=True)
class Node:
    """The node of that number, from 1, of the cluster whose folder is `root`."""

    root: Path
    number: int = 1

    @property
    def tail(self) -> str:
        """Return what follows the names of its programs."""
        return f"-{self.number}" if self.number > 1 else ""

    @property
    def name(self) -> str:
        return NODE + self.tail

    @property
    def address(self) -> str:
        """Return an address that nothing outside this machine is routed to."""
        return f"10.243.0.{self.number}"

    @property
    def pod_network(self) -> str:
        return f"10.244.{self.number - 1}.0/24"

    @property
    def bridge(self) -> str:
        return f"workbench{self.number}"

    @property
    def control_group(self) -> str:
        """Return the control group above those of its pods."""
        return f"/{self.name}" if self.number > 1 else "/"

    @property
    def programs(self) -> tuple[str, str]:
        return f"containerd{self.tail}", f"kubelet{self.tail}"

    @property
    def folder(self) -> Path:
        return self.root / f"node{self.tail}" if self.number > 1 else self.root

    @property
    def certificates(self) -> Path:
        return self.root / "certificates" / self.name

    @property
    def settings(self) -> Path:
        return self.folder / "settings"

    @property
    def kubelet(self) -> Path:
        return self.folder / "kubelet"

    @property
    def network(self) -> Path:
        return self.folder / "network"

    @property
    def pod_logs(self) -> Path:
        return self.root / "logs" / f"pods{self.tail}"

    @property
    def containerd_socket(self) -> Path:
        return self.folder / "containerd" / "containerd.sock"

    @property
    def containerd_state(self) -> Path:
        return self.folder / "containerd" / "state"
