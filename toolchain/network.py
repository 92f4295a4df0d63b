"""What a dockerd changes in the kernel's network and leaves there when it ends, and how it was before."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from pathlib import Path

_OURS = re.compile(r"(^|\s)(DOCKER\S*|docker0|br-[0-9a-f]{12})(\s|$)")
_CHAIN = re.compile(r"-N (DOCKER\S*)")
_FORWARDING = Path("/proc/sys/net/ipv4/ip_forward")
_PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"


def before() -> dict[str, str]:
    """Return what a dockerd is about to change: FORWARD's policy and whether the kernel forwards at all."""
    policy = re.search(r"^-P FORWARD (\S+)", _iptables("-S", "FORWARD"), re.MULTILINE)
    return {"policy": policy.group(1) if policy else "ACCEPT", "forwarding": _FORWARDING.read_text().strip()}


def restore(state: dict[str, str]) -> None:
    """Take away the bridge, chains and rules of a dockerd that has ended, and put back what was there before."""
    for table in ("filter", "nat"):
        listed = _iptables("-t", table, "-S")
        for rule in removals(listed):
            _iptables("-t", table, *rule)
    _iptables("-P", "FORWARD", state["policy"])
    subprocess.run(["ip", "link", "delete", "docker0"], capture_output=True, check=False)
    _FORWARDING.write_text(state["forwarding"] + "\n")


def removals(listed: str) -> list[list[str]]:
    """Turn a table as `iptables -S` lists it into the calls that take a dockerd's rules and chains out of it."""
    rules = [shlex.split(line) for line in listed.splitlines() if line.startswith("-A ") and _OURS.search(line)]
    chains = _CHAIN.findall(listed)
    return [["-D", *rule[1:]] for rule in rules] + [["-X", chain] for chain in chains]


def _iptables(*arguments: str) -> str:
    program = shutil.which("iptables", path=_PATHS)
    if program is None:
        return ""
    return subprocess.run([program, "--wait", *arguments], capture_output=True, text=True, check=False).stdout
