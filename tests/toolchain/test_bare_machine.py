"""A machine with a warm cache, no network and no engine: namespaces of their own, an empty home, real programs.

docker0, iptables and /run are not shared with an engine of this machine, and images can only come from tarballs.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.waiting import patience, until
from toolchain.daemon import Daemon
from toolchain.places import PROJECT, Places, find_places

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engines


@dataclass(frozen=True)
class Machine:
    """A process that holds the namespaces, and a home in them."""

    pid: int
    places: Places

    def toolchain(self, *arguments: str) -> str:
        """Run a verb to its end; return what it told."""
        command = ["nsenter", "--target", str(self.pid), "--net", "--mount", f"--wd={PROJECT}"]
        command += [sys.executable, "-m", "toolchain", *arguments]
        environment = {name: value for name, value in os.environ.items() if name != "DOCKER_HOST"}
        environment["WORKBENCH_HOME"] = str(self.places.home)
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=environment, timeout=patience(300)
        )
        assert done.returncode == 0, done.stderr
        return done.stderr + done.stdout

    def run(self, *command: str) -> str:
        """Run a program there; return what it printed."""
        inside = ["nsenter", "--target", str(self.pid), "--net", "--mount", *command]
        return subprocess.run(inside, capture_output=True, text=True, check=True).stdout

    def firewall(self) -> str:
        """Return all rules and policies, without the counters and times that iptables-save adds."""
        return self.run("iptables", "-S") + self.run("iptables", "-t", "nat", "-S")

    def daemon(self) -> Daemon:
        return Daemon(**json.loads(self.places.record.read_text())["dockerd"]["daemon"])


@pytest.fixture
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Machine]:
    mine = find_places()
    places = Places(project=mine.project, home=tmp_path / getattr(request, "param", "home"), cache=mine.cache)
    script = "mount -t tmpfs tmpfs /run && ip link set lo up && echo ready && exec sleep 600"
    command = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        machine = Machine(holder.pid, places)
        yield machine
        machine.toolchain("down", "--yes")
        holder.kill()


def test_up_needs_no_network_once_the_cache_is_warm(machine: Machine) -> None:
    first = machine.toolchain("up", "--no-stack")
    assert "[docker] starting dockerd" in first
    assert "[images] loading workbench-base:" in first
    assert "building" not in first
    assert machine.daemon().is_alive()
    assert "nothing changed" in machine.toolchain("up", "--no-stack")


def test_a_crashed_dockerd_comes_back_with_its_data(machine: Machine) -> None:
    machine.toolchain("up", "--no-stack")
    crashed = machine.daemon()
    os.kill(crashed.pid, signal.SIGKILL)
    until(lambda: not crashed.is_alive())
    told = machine.toolchain("up", "--no-stack")
    assert "[images] reused" in told
    assert "changed: docker\n" in told
    assert machine.daemon().pid != crashed.pid


# A unix socket's path holds 107 bytes, so a long home has its sockets elsewhere.
@pytest.mark.parametrize("machine", ["home", "long" * 25], indirect=True)
def test_down_names_what_it_removes_and_leaves_no_process_mount_or_file(machine: Machine) -> None:
    firewall = machine.firewall()
    machine.toolchain("up", "--no-stack")
    daemon = machine.daemon()
    assert "DOCKER" in machine.firewall()
    told = machine.toolchain("down", "--yes")
    assert f"dockerd {daemon.pid} and all its data in {machine.places.dockerd}/data\n" in told
    assert not daemon.is_alive()
    assert not machine.places.dockerd.exists()
    assert not machine.places.image_tags.exists()
    assert machine.firewall() == firewall
    assert "docker0" not in machine.run("ip", "link")
    assert str(machine.places.dockerd) not in Path(f"/proc/{machine.pid}/mountinfo").read_text()
    assert "nothing to remove" in machine.toolchain("down", "--yes")


def test_doctor_finds_everything_after_up(machine: Machine) -> None:
    machine.toolchain("up", "--no-stack")
    findings = json.loads(machine.toolchain("doctor", "-o", "json"))
    assert [finding["name"] for finding in findings if finding["needed"] and not finding["found"]] == []
    assert next(finding for finding in findings if finding["name"] == "docker engine")["origin"].startswith("us, unix:")
