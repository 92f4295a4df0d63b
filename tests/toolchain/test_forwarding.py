"""Homes, clusters and other engines of one machine share whether the kernel forwards: the last puts it back."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.toolchain.machine import Machine, new_machine

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.engines

_FORWARDING = "/proc/sys/net/ipv4/ip_forward"
_CHAINS = {"one": "WB11111111", "two": "WB22222222", "strange": "DOCKER"}


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with new_machine(tmp_path / "home") as made:
        made.run("sh", "-c", f"echo 0 >{_FORWARDING}")
        yield made


def _begin(machine: Machine, name: str) -> None:
    if name == "cluster":
        _cluster(machine, "prepare")
    elif name in {"one", "two"}:
        machine.python("-c", "from workbench.toolchain import forwarding; forwarding.claim()")
    if name != "cluster":  # as a dockerd does
        machine.run("sh", "-ec", f"iptables -N {_CHAINS[name]}; iptables -P FORWARD DROP; echo 1 >{_FORWARDING}")


def _end(machine: Machine, name: str) -> None:
    if name == "cluster":
        _cluster(machine, "restore")
    else:
        machine.run("iptables", "-X", _CHAINS[name])
    if name in {"one", "two"}:
        machine.python("-c", "from workbench.toolchain import forwarding; forwarding.release()")


def _cluster(machine: Machine, verb: str) -> None:
    code = (
        "import sys; from pathlib import Path; from workbench.toolchain.cluster import host; "
        "from workbench.toolchain.cluster.node import Node; root = Path(sys.argv[1]); "
        f"host.{verb}(root / 'notes', (Node(root, 1),))"
    )
    machine.python("-c", code, str(machine.places.home))


def _state(machine: Machine) -> tuple[str, str]:
    rules = machine.run("iptables", "--list-rules", "FORWARD").splitlines()
    return machine.run("cat", _FORWARDING).strip(), next(line for line in rules if line.startswith("-P"))


@pytest.mark.parametrize("names", [("one", "two"), ("one", "cluster"), ("cluster", "one")], ids="-".join)
@pytest.mark.parametrize("leaves_first", [0, 1])
def test_who_goes_first_leaves_it_and_who_goes_last_puts_it_back(
    machine: Machine, names: tuple[str, str], leaves_first: int
) -> None:
    before = _state(machine)
    assert before == ("0", "-P FORWARD ACCEPT")
    for name in names:
        _begin(machine, name)
    _end(machine, names[leaves_first])
    assert _state(machine)[0] == "1"
    _end(machine, names[1 - leaves_first])
    assert _state(machine) == before


def test_an_engine_that_is_not_ours_keeps_it(machine: Machine) -> None:
    _begin(machine, "one")
    _begin(machine, "strange")
    _end(machine, "one")
    assert _state(machine) == ("1", "-P FORWARD DROP")
    _begin(machine, "two")
    _end(machine, "strange")
    _end(machine, "two")
    assert _state(machine)[0] == "0", "what was before the first of us"
