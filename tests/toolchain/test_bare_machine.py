"""A machine with a warm cache, no network and no engine: namespaces of their own, an empty home, real programs."""

from __future__ import annotations

import json
import os
import signal
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.toolchain.machine import Machine, new_machine
from tests.waiting import until

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.engines


@pytest.fixture
def machine(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Machine]:
    with new_machine(tmp_path / getattr(request, "param", "home")) as made:
        yield made
        made.toolchain("down", "--yes")


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
    network = machine.network()
    machine.toolchain("up", "--no-stack")
    daemon = machine.daemon()
    assert machine.network() != network
    told = machine.toolchain("down", "--yes")
    assert f"dockerd {daemon.pid} and all its data in {machine.places.dockerd}/data\n" in told
    assert not daemon.is_alive()
    assert not machine.places.dockerd.exists()
    assert not machine.places.image_tags.exists()
    assert machine.network() == network
    assert str(machine.places.dockerd) not in Path(f"/proc/{machine.pid}/mountinfo").read_text()
    assert "nothing to remove" in machine.toolchain("down", "--yes")


def test_doctor_finds_everything_after_up(machine: Machine) -> None:
    machine.toolchain("up", "--no-stack")
    findings = json.loads(machine.toolchain("doctor", "-o", "json"))
    assert [finding["name"] for finding in findings if finding["needed"] and not finding["found"]] == []
    assert next(finding for finding in findings if finding["name"] == "docker engine")["origin"].startswith("us, unix:")
