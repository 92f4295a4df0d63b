from __future__ import annotations

import re
import subprocess
from ipaddress import IPv4Network
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.addresses import choose_block
from workbench.toolchain.engine_settings import read_persons_settings, settings
from workbench.toolchain.errors import MissingError, ToolchainError
from workbench.toolchain.faults import Bridge, missing_rules
from workbench.toolchain.kernel import removals
from workbench.toolchain.network import _WRAPPER, Network, own_bridges

if TYPE_CHECKING:
    from pathlib import Path

_MINE = Network("0a1b2c3d", IPv4Network("172.20.128.0/17"))
_LISTED = """-P FORWARD DROP
-N DOCKER
-N WB0a1b2c3d
-N WB0a1b2c3d-ISOLATION-STAGE-1
-N WB99999999
-A FORWARD -m comment --comment workbench-0a1b2c3d -j WB0a1b2c3d-ISOLATION-STAGE-1
-A FORWARD -o wb-0a1b2c3d -m conntrack --ctstate RELATED,ESTABLISHED -m comment --comment workbench-0a1b2c3d -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -m comment --comment workbench-0a1b2c3de -j WB99999999
-A FORWARD -s 10.244.0.0/16 -m comment --comment "workbench-0a1b2c3d's neighbour" -j ACCEPT
-A WB0a1b2c3d -i wb-0a1b2c3d -m comment --comment workbench-0a1b2c3d -j RETURN
"""


def test_the_rules_and_chains_of_one_home_are_removed_and_no_others() -> None:
    rule = re.compile(rf"\s{_MINE.comment}(\s|$)")
    assert removals(_LISTED, rule, _MINE.has_chain) == [
        ["-D", "FORWARD", *["-m", "comment", "--comment", "workbench-0a1b2c3d", "-j", "WB0a1b2c3d-ISOLATION-STAGE-1"]],
        [
            *("-D", "FORWARD", "-o", "wb-0a1b2c3d", "-m", "conntrack", "--ctstate", "RELATED,ESTABLISHED"),
            *["-m", "comment", "--comment", "workbench-0a1b2c3d", "-j", "ACCEPT"],
        ],
        ["-F", "WB0a1b2c3d"],
        ["-F", "WB0a1b2c3d-ISOLATION-STAGE-1"],
        ["-X", "WB0a1b2c3d"],
        ["-X", "WB0a1b2c3d-ISOLATION-STAGE-1"],
    ]


def test_names_fit_into_the_kernel() -> None:
    assert len(_MINE.bridge) <= 15
    assert len(f"{_MINE.chain}-ISOLATION-STAGE-1") <= 28


def test_dockerds_chains_get_names_of_the_home_and_its_rules_a_comment(tmp_path: Path) -> None:
    wrapper = tmp_path / "iptables"
    tell = tmp_path / "tell"
    tell.write_text("#!/bin/sh\nprintf '%s\\n' \"$@\"\n")
    tell.chmod(0o755)
    wrapper.write_text(_WRAPPER.format(chain=_MINE.chain, comment=_MINE.comment, program=tell))
    wrapper.chmod(0o755)

    def called(*words: str) -> list[str]:
        return subprocess.run([wrapper, *words], capture_output=True, text=True, check=True).stdout.splitlines()

    mark = ["-m", "comment", "--comment", "workbench-0a1b2c3d"]
    assert called("--wait", "-t", "nat", "-A", "DOCKER", "-i", "docker0", "-j", "RETURN") == [
        *("--wait", "-t", "nat", "-A", "WB0a1b2c3d", "-i", "docker0", "-j", "RETURN"),
        *mark,
    ]
    assert called("-C", "FORWARD", "-j", "DOCKER-ISOLATION-STAGE-1")[-5:] == ["WB0a1b2c3d-ISOLATION-STAGE-1", *mark]
    assert called("--wait", "-t", "nat", "-F", "DOCKER") == ["--wait", "-t", "nat", "-F", "WB0a1b2c3d"]
    # Inside a container, for its DNS.
    assert called("-t", "nat", "-N", "DOCKER_OUTPUT") == ["-t", "nat", "-N", "DOCKER_OUTPUT"]
    assert called("-L", "-n", "a b", "") == ["-L", "-n", "a b", ""]


def test_only_bridges_that_our_dockerds_database_names_are_ours(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = tmp_path / "network" / "files"
    files.mkdir(parents=True)
    (files / "local-kv.db").write_bytes(b'\x00{"id":"0123456789abcdef","lan":1}\xff')
    names = {"br-0123456789ab", "br-ffffffffffff", "br-lan", "eth0"}
    monkeypatch.setattr("workbench.toolchain.network.links", lambda: names)
    assert own_bridges(_MINE, tmp_path) == {"br-0123456789ab", "wb-0a1b2c3d"}
    assert own_bridges(_MINE, tmp_path / "nothing") == {"wb-0a1b2c3d"}


def test_homes_get_blocks_that_overlap_neither_routes_nor_each_other() -> None:
    taken = [IPv4Network("172.16.0.0/14"), IPv4Network("192.168.0.0/16")]
    for number in range(100):
        taken.append(choose_block(number, taken))
    assert not [one for one in taken for other in taken if one is not other and one.overlaps(other)]
    assert not [block for block in taken[2:] if block.overlaps(IPv4Network("10.244.0.0/16"))]
    assert not [block for block in taken[2:] if block.overlaps(IPv4Network("172.17.0.0/16"))]


def test_homes_that_are_down_keep_their_block_since_others_try_other_ones_first() -> None:
    assert choose_block(5, []) != choose_block(6, [])
    assert choose_block(5, []) == choose_block(5, [choose_block(6, [])])


def test_a_machine_that_routes_all_private_addresses_is_told_so() -> None:
    with pytest.raises(MissingError, match="name an engine by DOCKER_HOST"):
        choose_block(1, [IPv4Network("0.0.0.0/0")])


def test_the_persons_mirrors_stay_and_addresses_of_another_engine_go(tmp_path: Path) -> None:
    persons = tmp_path / "daemon.json"
    persons.write_text('{"registry-mirrors": ["https://mirror"], "bip": "10.1.1.1/24", "iptables": false}')
    chosen = settings(_MINE, tmp_path / "data", tmp_path / "run", read_persons_settings(persons))
    assert chosen["registry-mirrors"] == ["https://mirror"]
    assert chosen["bridge"] == "wb-0a1b2c3d"
    assert not {"bip", "iptables"} & chosen.keys()
    assert read_persons_settings(tmp_path / "none") == {}


@pytest.mark.parametrize("text", ["{", "[]", "\xff"])
def test_settings_that_no_dockerd_takes_are_one_line(text: str, tmp_path: Path) -> None:
    (tmp_path / "daemon.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(ToolchainError, match=r"daemon\.json: .*; repair it"):
        read_persons_settings(tmp_path / "daemon.json")


_BRIDGE = Bridge("bridge", "docker0", ("172.17.0.0/16",), is_internal=False, is_masqueraded=True)
_CHAINS = "-N DOCKER\n-N DOCKER-ISOLATION-STAGE-1\n"
_FILTER = """-A FORWARD -j DOCKER-ISOLATION-STAGE-1
-A FORWARD -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A FORWARD -o docker0 -j DOCKER
-A FORWARD -i docker0 ! -o docker0 -j ACCEPT
-A DOCKER-ISOLATION-STAGE-1 -i docker0 ! -o docker0 -j DOCKER-ISOLATION-STAGE-2
"""
_NAT = """-A PREROUTING -m addrtype --dst-type LOCAL -j DOCKER
-A POSTROUTING -s 172.17.0.0/16 ! -o docker0 -j MASQUERADE
-A DOCKER ! -i docker0 -p tcp -m tcp --dport 8080 -j DNAT --to-destination 172.17.0.2:80
"""


@pytest.mark.parametrize("lost", [*_FILTER.splitlines(), *_NAT.splitlines()])
def test_each_rule_that_an_engine_needs_is_missed(lost: str) -> None:
    bridges, ports = [_BRIDGE], {"8080/tcp"}
    assert missing_rules("DOCKER", _CHAINS + _FILTER, _NAT, bridges, ports) == []
    filters, nat = (table.replace(f"{lost}\n", "") for table in (_FILTER, _NAT))
    assert len(missing_rules("DOCKER", _CHAINS + filters, nat, bridges, ports)) == 1


def test_the_rules_of_docker_28_are_whole_too() -> None:
    filters = """-N DOCKER
-N DOCKER-FORWARD
-A FORWARD -j DOCKER-FORWARD
-A DOCKER-BRIDGE -o docker0 -j DOCKER
-A DOCKER-CT -o docker0 -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT
-A DOCKER-FORWARD -i docker0 -j ACCEPT
"""
    assert missing_rules("DOCKER", filters, _NAT, [_BRIDGE], {"8080/tcp"}) == []
    lost = filters.replace("-A FORWARD -j DOCKER-FORWARD\n", "")
    assert missing_rules("DOCKER", lost, _NAT, [_BRIDGE], set()) == ["the rules between networks are missing"]
