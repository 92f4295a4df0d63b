"""A machine of its own for a test: network and mount namespaces, in which docker0, iptables and /run are nobody else's.

Images can only come from tarballs there. Beside it stands a neighbour, another machine on the same wire.
"""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from tests.waiting import patience
from workbench.toolchain.daemon import Daemon
from workbench.toolchain.dockerd import recorded
from workbench.toolchain.places import PROJECT, Places, find_places

if TYPE_CHECKING:
    from collections.abc import Iterator

ADDRESS, NEIGHBOUR = "198.51.100.1", "198.51.100.2"
_MACHINE = "mount -t tmpfs tmpfs /run && ip link set lo up && echo ready && exec sleep 3600"
_NEIGHBOUR = "ip link set lo up && echo ready && exec sleep 3600"


@dataclass(frozen=True)
class Machine:
    """A process that holds the namespaces, and a home in them."""

    pid: int
    neighbour: int
    places: Places

    def with_home(self, home: Path) -> Machine:
        """Return the same machine as another home's commands see it."""
        return replace(self, places=replace(self.places, home=home))

    def toolchain(self, *arguments: str, code: int = 0) -> str:
        """Run a verb to its end; return what it told."""
        return self.python("-m", "workbench.toolchain", *arguments, code=code)

    def python(self, *arguments: str, code: int = 0) -> str:
        """Run Python in the tree and for this home; return what it told."""
        command = [*self._inside(), f"--wd={PROJECT}", sys.executable, *arguments]
        environment = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
        environment["WORKBENCH_HOME"] = str(self.places.home)
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=patience(300)
        )
        assert done.returncode == code, done.stderr
        return done.stderr + done.stdout

    def run(self, *command: str) -> str:
        """Run a program there; return what it printed."""
        return subprocess.run([*self._inside(), *command], capture_output=True, text=True, check=True).stdout

    def answers(self, *command: str) -> str | None:
        """Run a program there; return what it printed, or None if it failed."""
        done = subprocess.run([*self._inside(), *command], capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def ask_from_neighbour(self, *command: str) -> str | None:
        """Run a program on the neighbour; return what it printed, or None if it failed."""
        inside = ["nsenter", "--target", str(self.neighbour), "--net", *command]
        done = subprocess.run(inside, capture_output=True, text=True, check=False)
        return done.stdout if done.returncode == 0 else None

    def network(self) -> str:
        """Return all rules and policies, all links and whether the kernel forwards."""
        rules = [self.run("iptables", "--table", table, "--list-rules") for table in ("filter", "nat", "mangle")]
        links = self.run("ip", "-brief", "link").splitlines()
        forwarding = self.run("cat", "/proc/sys/net/ipv4/ip_forward")
        return "".join([*rules, *sorted(line.split()[0] + "\n" for line in links), forwarding])

    def daemon(self) -> Daemon:
        found = recorded(self.places)
        assert found is not None
        return found

    def _inside(self) -> list[str]:
        return ["nsenter", "--target", str(self.pid), "--net", "--mount"]


@contextmanager
def new_machine(home: Path) -> Iterator[Machine]:
    """Yield a machine with a cache that is this machine's own and a home that is empty."""
    mine = find_places()
    with ExitStack() as opened:
        pids = []
        for kinds, script in ((["--net", "--mount", "--propagation", "private"], _MACHINE), (["--net"], _NEIGHBOUR)):
            command = ["unshare", *kinds, "sh", "-c", script]
            holder = opened.enter_context(subprocess.Popen(command, stdout=subprocess.PIPE))
            opened.callback(holder.kill)
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"ready\n"
            pids.append(holder.pid)
        pid, neighbour = pids
        _wire(pid, neighbour)
        yield Machine(pid, neighbour, Places(project=mine.project, home=home, cache=mine.cache))


def _wire(machine: int, neighbour: int) -> None:
    """Join both by a pair of devices; the neighbour sends through the machine what is not its own."""
    ends = [(machine, ADDRESS), (neighbour, NEIGHBOUR)]
    lines = [f"ip link add wire netns {machine} type veth peer name wire netns {neighbour}"]
    for pid, address in ends:
        inside = f"nsenter --target {pid} --net ip"
        lines += [f"{inside} address add {address}/24 dev wire", f"{inside} link set wire up"]
    lines.append(f"nsenter --target {neighbour} --net ip route add default via {ADDRESS}")
    subprocess.run(["sh", "-ec", "\n".join(lines)], check=True)
