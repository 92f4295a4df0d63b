"""What is broken in the network of a docker engine on this machine: bridges, rules, addresses. Changes nothing."""

from __future__ import annotations

import json
import re
import socket
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workbench.toolchain import forwarding, network
from workbench.toolchain.errors import CommandError
from workbench.toolchain.kernel import links, list_rules
from workbench.toolchain.process import read

if TYPE_CHECKING:
    from workbench.toolchain.docker import Docker

_LOOKS, _PAUSE_SECONDS = 3, 1.0
_BRIDGE_NAME, _MASQUERADE = "com.docker.network.bridge.name", "com.docker.network.bridge.enable_ip_masquerade"


@dataclass(frozen=True)
class Fault:
    """One thing that is broken; `is_ours` says that a restart of our dockerd mends it."""

    what: str
    is_ours: bool
    advice: str


def find_faults(docker: Docker, ours: network.Network | None) -> list[Fault]:
    """Return what is broken; `ours` are the names that a dockerd of ours has, None for somebody else's.

    Networks come and go while we look, so that only what is broken at each of three looks counts. An engine that is on
    another machine, or in another network namespace, is not judged.
    """
    if not _is_here(docker.host):
        return []
    faults = _look(docker, ours)
    for _ in range(_LOOKS - 1):
        if not faults:
            break
        time.sleep(_PAUSE_SECONDS)
        again = _look(docker, ours)
        faults = [fault for fault in faults if fault in again]
    return faults


def _look(docker: Docker, ours: network.Network | None) -> list[Fault]:
    try:
        bridges, ports = _bridges(docker), _published(docker)
    except CommandError:  # something is gone since it was listed: no look to go by
        return []
    filters, nat = list_rules("filter"), list_rules("nat")
    absent = [bridge for bridge in bridges if bridge.name not in links()]
    broken = [f"the bridge {each.name} of the network {each.network} is missing" for each in absent]
    if forwarding.KERNEL.read_text().strip() == "0":
        broken.append("the kernel does not forward (net.ipv4.ip_forward is 0)")
    if filters is not None and nat is not None:
        if ours:
            routed = [bridge for bridge in bridges if not bridge.is_internal]
            broken += missing_rules(ours.chain, filters, nat, routed, ports)
            broken += [] if network.has_guard(ours) else ["the rule that keeps others out of our containers is missing"]
        elif "-N DOCKER\n" in nat:  # else it may be told to write no rules; of those it writes, versions differ
            broken += missing_rules("DOCKER", filters, nat, [], set())
    advice = "restart that engine: its containers reach nobody"
    found = [Fault(what, is_ours=ours is not None, advice=advice) for what in broken]
    return [*found, *(_taken(ours, [bridge.name for bridge in bridges]) if ours else [])]


@dataclass(frozen=True)
class Bridge:
    """A network of the engine as the kernel should have it."""

    network: str
    name: str
    subnets: tuple[str, ...]
    is_internal: bool
    is_masqueraded: bool


def missing_rules(chain: str, filters: str, nat: str, bridges: list[Bridge], ports: set[str]) -> list[str]:
    """Say which rules of an engine two listed tables lack: `chain` is its DOCKER, `ports` those it publishes."""
    # Versions of Docker differ in their chains: of those that are there, none is without a way to it.
    known = [name for name in (f"{chain}-ISOLATION-STAGE-1", f"{chain}-FORWARD") if f"-N {name}\n" in filters]
    reached = [name for name in known if re.search(rf"^-A FORWARD (.* )?-j {name}$", filters, re.MULTILINE)]
    broken = [] if known == reached else ["the rules between networks are missing"]
    if not re.search(rf"^-A PREROUTING .*-j {chain}$", nat, re.MULTILINE):
        broken.append("the rules of published ports are missing")
    for bridge in bridges:
        own = re.escape(bridge.name)
        passes = [rf"-o {own} -m conntrack", rf"-o {own} (.* )?-j {chain}$", rf"-i {own} (.* )?-j ACCEPT$"]
        wanted = [*passes, *([f"-STAGE-1 -i {own} "] if f"-N {chain}-ISOLATION-STAGE-1\n" in filters else [])]
        leaves = [f"-A POSTROUTING -s {net} ! -o {bridge.name} " for net in bridge.subnets if bridge.is_masqueraded]
        passes_all = all(re.search(rule, filters, re.MULTILINE) for rule in wanted)
        if not passes_all or not all(rule in nat for rule in leaves):
            broken.append(f"rules of the network {bridge.network} are missing")
    broken += [f"the rule of the published port {port} is missing" for port in sorted(ports) if not _leads(nat, port)]
    return broken


def _leads(nat: str, port: str) -> bool:
    number, protocol = port.split("/")
    return re.search(rf" -p {protocol} .*--dport {number} .*-j DNAT", nat) is not None


def _bridges(docker: Docker) -> list[Bridge]:
    found = []
    for entry in _inspect(docker, ["network", "ls", "--quiet", "--filter", "driver=bridge"], ["network", "inspect"]):
        options = entry["Options"] or {}
        subnets = [each["Subnet"] for each in entry["IPAM"]["Config"] or [] if "." in each.get("Subnet", "")]
        name = options.get(_BRIDGE_NAME, f"br-{entry['Id'][:12]}")
        masqueraded = options.get(_MASQUERADE, "true") == "true"
        found.append(Bridge(entry["Name"], name, tuple(subnets), entry["Internal"], masqueraded))
    return found


def _published(docker: Docker) -> set[str]:
    found = set()
    for entry in _inspect(docker, ["ps", "--quiet"], ["container", "inspect"]):
        for port, places in (entry["NetworkSettings"]["Ports"] or {}).items():
            protocol = port.partition("/")[2]
            found |= {f"{place['HostPort']}/{protocol}" for place in places or [] if ":" not in place["HostIp"]}
    return found


def _inspect(docker: Docker, listing: list[str], inspecting: list[str]) -> list[dict[str, Any]]:
    names = read(docker.command(*listing)).split()
    found: list[dict[str, Any]] = json.loads(read(docker.command(*inspecting, *names))) if names else []
    return found


def _taken(ours: network.Network, bridges: list[str]) -> list[Fault]:
    """Addresses of ours that lead elsewhere: dockerd refuses to make networks there, and no restart helps."""
    advice = "end that route, or run `make down` and `make up`, which take other addresses"
    return [
        Fault(f"{route.network} leads to {route.device}, while {ours.block} is ours", is_ours=False, advice=advice)
        for route in network.strangers(ours, bridges)
    ]


def _is_here(host: str) -> bool:
    """Say whether the engine behind a unix socket shares our network namespace, so that its bridges are seen here."""
    if not host.startswith("unix://"):
        return False
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(host.removeprefix("unix://"))
            credentials = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, 12)
        pid = int.from_bytes(credentials[:4], "little")
        return Path(f"/proc/{pid}/ns/net").readlink() == Path("/proc/self/ns/net").readlink()
    except OSError:  # it is not ours to look at
        return False
