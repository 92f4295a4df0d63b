"""Calls of `ip` and `iptables`, the kernel's network as they list it."""

from __future__ import annotations

import json
import re
import shlex
import shutil
import socket
import subprocess
from dataclasses import dataclass
from ipaddress import IPv4Network, ip_network
from typing import TYPE_CHECKING

from workbench.toolchain.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Callable

_PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"
_NEW_CHAIN = re.compile(r"^-N (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Route:
    """Addresses that the kernel sends to a device."""

    network: IPv4Network
    device: str


def call(program: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run a system program; a program that is not there ends with 127."""
    found = shutil.which(program, path=_PATHS)
    if found is None:
        return subprocess.CompletedProcess([program], 127, "", "no such program")
    return subprocess.run([found, *arguments], capture_output=True, text=True, check=False)


def must(program: str, *arguments: str) -> None:
    """Run a system program.

    Raises:
        MissingError: it failed.

    """
    done = call(program, *arguments)
    if done.returncode:
        reason = " ".join(done.stderr.split())
        raise MissingError(f"`{program} {' '.join(arguments)}`: {reason}; run as root on a kernel that can do this")


def list_rules(table: str, program: str = "iptables") -> str | None:
    """Return a table as `iptables -S` lists it; None if we may not read it or have no such program."""
    done = call(program, "--wait", "--table", table, "--list-rules")
    return None if done.returncode else done.stdout


def removals(listed: str, rule: re.Pattern[str], is_chain: Callable[[str], bool]) -> list[list[str]]:
    """Turn a listed table into the calls that remove the chains that are meant and the rules that match `rule`."""
    chains = [name for name in _NEW_CHAIN.findall(listed) if is_chain(name)]
    rules = [shlex.split(line) for line in listed.splitlines() if line.startswith("-A ") and rule.search(line)]
    # Rules in these chains go at once, so that only rules in others' chains are taken one by one.
    jumps = [["-D", *words[1:]] for words in rules if words[1] not in chains]
    return [*jumps, *(["-F", name] for name in chains), *(["-X", name] for name in chains)]


def links() -> set[str]:
    """Return the network devices; those of our own namespace, while /sys may show another's."""
    return {name for _, name in socket.if_nameindex()}


def routes() -> list[Route]:
    """Return what the kernel routes, all tables, default routes left out; [] without `ip`."""
    done = call("ip", "-4", "-json", "route", "show", "table", "all")
    listed = json.loads(done.stdout or "[]") if done.returncode == 0 else []
    return [
        Route(IPv4Network(ip_network(entry["dst"])), entry.get("dev", ""))
        for entry in listed
        if entry.get("dst", "default") != "default"
    ]
