"""Two homes on one machine, each with a dockerd: whatever one does, the other serves."""

from __future__ import annotations

import os
import signal
import subprocess
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.toolchain.machine import ADDRESS, NEIGHBOUR, Machine, new_machine
from tests.waiting import until
from workbench.toolchain.debian import architecture
from workbench.toolchain.images import plan

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workbench.toolchain.versions import Versions

pytestmark = pytest.mark.engines

_ENSURE = """
import sys
from workbench.toolchain.dockerd import ensure_docker
from workbench.toolchain.places import find_places
from workbench.toolchain.process import Log
from workbench.toolchain.versions import read_versions
places = find_places()
print(ensure_docker(Log("docker", places.logs / "docker.log"), places, read_versions()))
"""
# Answers with the caller's address.
_SERVER = """
import http.server as h
class Handler(h.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200); self.end_headers(); self.wfile.write(self.client_address[0].encode())
    def log_message(self, *_): pass
h.ThreadingHTTPServer(("", 8080), Handler).serve_forever()
"""
_LISTENER = "import socket; s = socket.create_server(('', 9000))\nwhile True: s.accept()"
_CONNECT = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 1)"


@dataclass(frozen=True)
class Home:
    """A home with a dockerd that runs a service, a peer in the same network and one in another network."""

    machine: Machine
    port: int
    image: str

    def ensure(self) -> str:
        """Do what the step `docker` of `make up` does; return what it told."""
        return self.machine.python("-c", _ENSURE)

    def docker(self, *arguments: str) -> str:
        return self.machine.run("docker", "--host", self.machine.daemon().host, *arguments).strip()

    def serve(self) -> None:
        self.ensure()
        images = self.machine.places.cache / "images"
        tarball = images / f"{self.image.removeprefix('workbench-').replace(':', '-')}.tar"
        self.docker("load", "--quiet", "--input", str(tarball))
        for network in ("one", "two"):
            self.docker("network", "create", network)
        run = ["run", "--detach", "--restart", "unless-stopped", "--stop-signal", "KILL"]
        published = ["--publish", f"0.0.0.0:{self.port}:8080"]
        self.docker(*run, "--name", "web", "--network", "one", *published, self.image, "python3", "-c", _SERVER)
        for name, network in (("peer", "one"), ("other", "two")):
            self.docker(*run, "--name", name, "--network", network, self.image, "python3", "-c", _LISTENER)

    def address(self, name: str) -> str:
        template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}"
        return self.docker("inspect", "--format", template, name)

    def connects(self, address: str, port: int = 9000) -> bool:
        """Say whether the service gets through to somebody."""
        inside = ["docker", "--host", self.machine.daemon().host, "exec", "web"]
        return self.machine.answers(*inside, "python3", "-c", _CONNECT, address, str(port)) is not None

    def faults(self) -> list[str]:
        """Say what is wrong with what this home's containers may reach and who may reach them."""
        ask = ["curl", "--silent", "--max-time", "3"]
        here = self.machine.answers(*ask, f"127.0.0.1:{self.port}")
        there = self.machine.ask_from_neighbour(*ask, f"{ADDRESS}:{self.port}")
        direct = self.machine.ask_from_neighbour("python3", "-c", _CONNECT, self.address("peer"), "9000")
        checks = {
            "loopback gets no answer": here is not None,
            f"the neighbour is taken for {there}": there == NEIGHBOUR,
            "the neighbour reaches what is not published": direct is None,
            "the peer is out of reach": self.connects("peer"),
            "another network is in reach": not self.connects(self.address("other")),
            "the neighbour is out of reach": self.connects(NEIGHBOUR, 7000),
        }
        return [name for name, is_right in checks.items() if not is_right]

    def wait_until_it_serves(self) -> None:
        found: list[str] = []

        def serves() -> bool:
            found[:] = self.faults()
            return not found

        until(serves, say=lambda: str(found))

    def kill(self) -> None:
        daemon = self.machine.daemon()
        os.kill(daemon.pid, signal.SIGKILL)
        until(lambda: not daemon.is_alive())

    def stop(self) -> None:
        daemon = self.machine.daemon()
        os.kill(daemon.pid, signal.SIGTERM)
        until(lambda: not daemon.is_alive())


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with new_machine(tmp_path / "a") as made:
        listen = [
            "nsenter",
            "--target",
            str(made.neighbour),
            "--net",
            "python3",
            "-c",
            _LISTENER.replace("9000", "7000"),
        ]
        with subprocess.Popen(listen) as listener:
            yield made
            listener.kill()


@pytest.fixture
def homes(machine: Machine, tmp_path: Path, versions: Versions) -> Iterator[dict[str, Home]]:
    image = plan(versions, architecture())["base"].tag
    made = {
        name: Home(machine.with_home(tmp_path / name), port, image) for name, port in (("a", 18_080), ("b", 18_081))
    }
    yield made
    for home in made.values():
        home.machine.toolchain("down", "--yes")


@pytest.mark.parametrize("order", [("a", "b"), ("b", "a")], ids="".join)
def test_either_home_goes_up_and_down_while_the_other_serves(homes: dict[str, Home], order: tuple[str, str]) -> None:
    first, second = (homes[name] for name in order)
    before = first.machine.network()
    first.serve()
    first.wait_until_it_serves()
    second.serve()
    assert first.faults() == []
    second.wait_until_it_serves()
    assert not first.connects(second.address("peer"))
    assert not second.connects(first.address("peer"))

    first.machine.toolchain("down", "--yes")
    assert second.faults() == []
    first.serve()
    first.wait_until_it_serves()
    assert second.faults() == []
    second.machine.toolchain("down", "--yes")
    assert first.faults() == []
    first.machine.toolchain("down", "--yes")
    assert first.machine.network() == before


@pytest.mark.parametrize("end", ["kill", "stop"])
def test_either_dockerd_ends_and_comes_back_while_the_other_serves(homes: dict[str, Home], end: str) -> None:
    for home in homes.values():
        home.serve()
    for home, other in permutations(homes.values()):
        other.wait_until_it_serves()
        getattr(home, end)()
        assert other.faults() == []
        home.ensure()
        assert other.faults() == []
        home.wait_until_it_serves()


def test_a_dockerd_that_is_not_ours_starts_and_ours_serves(homes: dict[str, Home], tmp_path: Path) -> None:
    home = homes["a"]
    home.serve()
    home.wait_until_it_serves()
    folder = Path("/run/strange")
    strange = ["--exec-root", f"{folder}/exec", "--pidfile", f"{folder}/pid", "--host", f"unix://{folder}/docker.sock"]
    command = ["nsenter", "--target", str(home.machine.pid), "--net", "--mount", "dockerd", *strange]
    with (tmp_path / "log").open("wb") as log:
        process = subprocess.Popen([*command, "--data-root", str(tmp_path / "strange")], stdout=log, stderr=log)
        until(lambda: home.machine.answers("docker", "--host", f"unix://{folder}/docker.sock", "version"))
        assert home.faults() == []
        home.machine.toolchain("down", "--yes")
        rules = home.machine.run("iptables", "--table", "nat", "--list-rules")
        assert "-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER\n" in rules
        assert "docker0" in home.machine.run("ip", "-brief", "link")
        assert home.machine.run("cat", "/proc/sys/net/ipv4/ip_forward") == "1\n"
        process.terminate()
        process.wait()


_HARM = [
    (
        "ip link delete $(docker --host $HOST network inspect one --format 'br-{{slice .Id 0 12}}')",
        "of the network one is missing",
    ),
    ("ip link delete $(ip -brief link | grep -o '^wb-[0-9a-f]*')", "of the network bridge is missing"),
    ("for t in filter nat; do iptables -t $t -F; iptables -t $t -X; done", "rules"),
    ("echo 0 >/proc/sys/net/ipv4/ip_forward", "does not forward"),
    ("iptables -t mangle -F", "keeps others out"),
]


def test_a_network_that_is_broken_in_any_way_is_told_by_doctor_and_mended_by_up(homes: dict[str, Home]) -> None:
    home = homes["a"]
    home.serve()
    home.wait_until_it_serves()
    for script, told in _HARM:
        assert home.ensure() == "False\n"
        home.machine.run("sh", "-ec", f"HOST={home.machine.daemon().host}\n{script}")
        (line,) = [line for line in home.machine.toolchain("doctor", code=1).splitlines() if "docker network" in line]
        assert line.startswith("missing")
        assert told in line
        assert "run `make up` as root" in line
        assert "restarting our dockerd" in home.ensure()
        home.wait_until_it_serves()


def test_addresses_that_somebody_took_are_told(homes: dict[str, Home]) -> None:
    home = homes["a"]
    home.ensure()
    home.machine.run("ip", "route", "add", "172.16.0.0/12", "via", NEIGHBOUR)
    home.machine.run("ip", "route", "add", "10.0.0.0/8", "via", NEIGHBOUR)
    line = next(line for line in home.machine.toolchain("doctor", code=1).splitlines() if "docker network" in line)
    assert "leads to wire" in line
    assert "take other addresses" in line
