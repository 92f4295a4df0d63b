"""The settings of our dockerd: the person's own for any dockerd of this machine, and ours where two would meet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.toolchain.addresses import NETWORK_BITS
from workbench.toolchain.errors import ToolchainError

if TYPE_CHECKING:
    from workbench.toolchain.network import Network

PERSONS = Path("/etc/docker/daemon.json")
# What says where a dockerd lies and which network it has; mirrors, proxies, DNS, logs and storage stay the person's.
_OURS = {
    "bip",
    "bridge",
    "containerd",
    "data-root",
    "default-address-pools",
    "default-gateway",
    "default-gateway-v6",
    "exec-root",
    "firewall-backend",
    "fixed-cidr",
    "fixed-cidr-v6",
    "graph",
    "hosts",
    "ip-forward",
    "ip-masq",
    "ip6tables",
    "iptables",
    "ipv6",
    "live-restore",
    "pidfile",
    "tls",
    "tlscacert",
    "tlscert",
    "tlskey",
    "tlsverify",
    "userland-proxy",
}


def read_persons_settings(path: Path = PERSONS) -> dict[str, Any]:
    """Return what the machine's daemon.json says; {} if there is none.

    Raises:
        ToolchainError: it is no JSON object.

    """
    try:
        read = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise ToolchainError(f"{path}: cannot be read: {error}; repair it, dockerd would refuse it too") from error
    if not isinstance(read, dict):
        raise ToolchainError(f"{path}: not a JSON object; repair it, dockerd would refuse it too")
    return read


def settings(network: Network, data: Path, runtime: Path, persons: dict[str, Any]) -> dict[str, Any]:
    """Return what the daemon.json of our dockerd holds."""
    return {
        **{key: value for key, value in persons.items() if key not in _OURS},
        "hosts": [f"unix://{runtime}/docker.sock"],
        "data-root": str(data),
        "exec-root": str(runtime / "exec"),
        "pidfile": str(runtime / "dockerd.pid"),
        "bridge": network.bridge,
        "default-address-pools": [{"base": str(network.block), "size": NETWORK_BITS}],
    }
