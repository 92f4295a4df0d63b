"""What a home's dockerd has in the kernel's network: a bridge, a block of addresses, chains and rules, all marked.

Two dockerds of one machine share the names of their chains, and each empties them when it starts. So dockerd gets an
`iptables` that gives its chains names of the home and its rules a comment: whatever carries the mark is this home's,
and nothing else is.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain import forwarding
from workbench.toolchain.addresses import NETWORK_BITS
from workbench.toolchain.cache import write_atomically
from workbench.toolchain.kernel import call, links, list_rules, must, removals, routes

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.toolchain.kernel import Route

TABLES = ("filter", "nat", "mangle")
_BRIDGE = re.compile(r"br-[0-9a-f]{12}")
_WRAPPER = """\
#!/bin/sh
# Called by one home's dockerd: its chains get names of their own, its rules a comment.
for word; do
  shift
  case $word in DOCKER | DOCKER-*) word={chain}${{word#DOCKER}} ;; esac
  set -- "$@" "$word"
done
for word; do
  case $word in -A | -I | -C | -D) set -- "$@" -m comment --comment {comment} && break ;; esac
done
PATH=/usr/sbin:/usr/bin:/sbin:/bin exec {program} "$@"
"""


@dataclass(frozen=True)
class Network:
    """The names and addresses of one home; `mark` is that of its places."""

    mark: str
    block: IPv4Network

    @property
    def bridge(self) -> str:
        """The default bridge, in place of docker0."""
        return f"wb-{self.mark}"

    @property
    def chain(self) -> str:
        """What stands for DOCKER in the names of chains, which have 28 characters at most."""
        return f"WB{self.mark}"

    @property
    def comment(self) -> str:
        return f"workbench-{self.mark}"

    @property
    def address(self) -> str:
        """The bridge's own address, with the prefix length of its network."""
        return f"{self.block.network_address + 1}/{NETWORK_BITS}"

    def has_chain(self, name: str) -> bool:
        return name == self.chain or name.startswith(f"{self.chain}-")

    @property
    def guard(self) -> list[str]:
        """Who is not of this home reaches its containers by published ports alone.

        In the table mangle, since in the table filter another dockerd's rules may come first and let pass.
        """
        block, match = str(self.block), ["--match", "conntrack"]
        where = ["FORWARD", "--destination", block, "!", "--source", block]
        state = [*match, "--ctstate", "NEW", *match, "!", "--ctstate", "DNAT"]
        return [*where, *state, "--match", "comment", "--comment", self.comment, "--jump", "DROP"]


def prepare(network: Network, programs: Path) -> None:
    """Have the bridge and the guard, and write the `iptables` of this home into the folder `programs`.

    Raises:
        MissingError: we are not root, or the kernel makes no bridge.

    """
    forwarding.claim()
    if network.bridge not in links():
        must("ip", "link", "add", network.bridge, "type", "bridge")
    must("ip", "address", "replace", network.address, "dev", network.bridge)
    must("ip", "link", "set", network.bridge, "up")
    if not has_guard(network):
        must("iptables", "--wait", "--table", "mangle", "--append", *network.guard)
    for program in ("iptables", "ip6tables"):
        script = _WRAPPER.format(chain=network.chain, comment=network.comment, program=program)
        write_atomically(programs / program, script, mode=0o755)


def has_guard(network: Network) -> bool:
    return call("iptables", "--wait", "--table", "mangle", "--check", *network.guard).returncode == 0


def own_bridges(network: Network, data: Path) -> set[str]:
    """Return the bridges in the kernel that are of the dockerd with its data in `data`: its database has their ids."""
    try:
        known = (data / "network" / "files" / "local-kv.db").read_bytes()
    except FileNotFoundError:
        known = b""
    return {name for name in links() if _BRIDGE.fullmatch(name) and name[3:].encode() in known} | {network.bridge}


def strangers(network: Network, own: Iterable[str]) -> list[Route]:
    """Return the routes that lead addresses of this home's block to other devices than its `own` bridges."""
    mine = set(own)
    return [route for route in routes() if route.network.overlaps(network.block) and route.device not in mine]


def remove(network: Network, bridges: Iterable[str]) -> None:
    """Take our rules, chains and `bridges` out of the kernel, and let forwarding go if nobody else needs it."""
    rule = re.compile(rf"\s{network.comment}(\s|$)")
    for program in ("iptables", "ip6tables"):
        for table in TABLES:
            for words in removals(list_rules(table, program) or "", rule, network.has_chain):
                call(program, "--wait", "--table", table, *words)
    for bridge in sorted(bridges):
        call("ip", "link", "delete", bridge)
    forwarding.release()
