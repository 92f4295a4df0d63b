from __future__ import annotations

import json
import re
from pathlib import Path

from workbench.toolchain.cluster.host import make_control_group, removals, remove_control_groups
from workbench.toolchain.cluster.leftovers import find_leftovers
from workbench.toolchain.cluster.node import Node

_LISTED = """\
-P FORWARD DROP
-N DOCKER
-N KUBE-FORWARD
-N CNI-ab12
-A FORWARD -s 10.244.0.0/16 -m comment --comment workbench-cluster -j ACCEPT
-A FORWARD -m comment --comment "kubernetes forwarding rules" -j KUBE-FORWARD
-A FORWARD -o docker0 -j DOCKER
-A KUBE-FORWARD -j ACCEPT
"""


def test_jumps_go_first_then_chains_and_dockers_rules_stay() -> None:
    assert removals(_LISTED) == [
        ["-D", "FORWARD", *["-s", "10.244.0.0/16", "-m", "comment", "--comment", "workbench-cluster", "-j", "ACCEPT"]],
        ["-D", "FORWARD", "-m", "comment", "--comment", "kubernetes forwarding rules", "-j", "KUBE-FORWARD"],
        ["-F", "KUBE-FORWARD"],
        ["-F", "CNI-ab12"],
        ["-X", "KUBE-FORWARD"],
        ["-X", "CNI-ab12"],
    ]


def test_what_one_of_several_programs_wrote_goes_alone() -> None:
    assert removals(_LISTED, re.compile("CNI-")) == [["-F", "CNI-ab12"], ["-X", "CNI-ab12"]]


def test_a_pods_namespace_and_its_shims_socket_are_known_by_containerds_state(tmp_path: Path) -> None:
    mine, theirs, socket = tmp_path / "cni-mine", tmp_path / "cni-theirs", tmp_path / "shim"
    bundle = tmp_path / "state" / "io.containerd.runtime.v2.task" / "k8s.io" / "sandbox"
    bundle.mkdir(parents=True)
    namespaces = [{"type": "ipc"}, {"type": "network", "path": str(mine)}]
    (bundle / "config.json").write_text(json.dumps({"linux": {"namespaces": namespaces}}))
    (bundle / "address").write_text(f"unix://{socket}")
    for path in (mine, theirs, socket):
        path.touch()
    left = find_leftovers([tmp_path / "nothing", tmp_path / "state"])
    assert [set(left.ids), set(left.namespaces), set(left.sockets)] == [{"sandbox"}, {mine}, {socket}]
    left.remove(tmp_path)
    assert [mine.exists(), theirs.exists(), socket.exists()] == [False, True, False]


def test_a_container_that_is_just_ending_has_no_files_and_is_no_error(tmp_path: Path) -> None:
    (tmp_path / "io.containerd.runtime.v2.task" / "k8s.io" / "ending").mkdir(parents=True)
    assert find_leftovers([tmp_path]).ids == {"ending"}


def test_control_groups_go_the_deepest_first_and_others_stay(tmp_path: Path) -> None:
    (tmp_path / "memory" / "kubepods" / "besteffort" / "pod1").mkdir(parents=True)
    make_control_group(Node(tmp_path, 1), tmp_path)
    make_control_group(Node(tmp_path, 2), tmp_path)
    (tmp_path / "memory" / "workbench-2" / "kubepods").mkdir()
    (tmp_path / "kubepods").mkdir()
    (tmp_path / "memory" / "docker").mkdir()
    remove_control_groups(tmp_path)
    assert [path.relative_to(tmp_path) for path in tmp_path.rglob("*")] == [Path("memory"), Path("memory/docker")]
