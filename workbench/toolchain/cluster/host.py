"""What nodes change on their host outside their own folder, noted before they start and put back after they end."""

from __future__ import annotations

import json
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain import forwarding, kernel
from workbench.toolchain.cache import discard, write_atomically
from workbench.toolchain.cluster.layout import NODE_BRIDGE, POD_NETWORK
from workbench.toolchain.cluster.node import NODE
from workbench.toolchain.errors import MissingError
from workbench.toolchain.kernel import call, links, list_rules, must

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workbench.toolchain.cluster.node import Node

# The kubelet sets the first five, pods need the last.
_SYSCTLS = (
    "vm/overcommit_memory",
    "vm/panic_on_oom",
    "kernel/panic",
    "kernel/panic_on_oops",
    "kernel/keys/root_maxkeys",
    "kernel/keys/root_maxbytes",
    "net/ipv4/conf/all/route_localnet",
)
# Made by programs that cannot be told another place: removed again where they were not there before.
_FOLDERS = ("/var/lib/cni/results", "/var/lib/cni", "/var/log/containers", "/run/netns")
_WHOLE_FOLDERS = ("/var/lib/kubelet",)
_CONTROL_GROUPS = Path("/sys/fs/cgroup")
_COMMENT = "workbench-cluster"
_OURS = re.compile(r"KUBE-|CNI-|workbench-cluster")
_CHAIN = re.compile(r"^(KUBE|CNI)-")
_TABLES = ("filter", "nat", "mangle")


def prepare(notes: Path, nodes: Iterable[Node]) -> None:
    """Give the nodes their addresses and let pods out, noting in `notes` how the kernel was set before.

    Raises:
        MissingError: another cluster is there, or the kernel makes no bridge.

    """
    if not notes.exists():
        if NODE_BRIDGE in links():
            raise MissingError(
                f"the network bridge {NODE_BRIDGE} is there already: a cluster of another home runs on this machine; "
                "end it with `python3 -m workbench.toolchain cluster down` there"
            )
        if _has_chains():
            raise MissingError(
                "iptables holds chains of Kubernetes or CNI: another cluster runs on this machine, or left them; "
                "end it first, since ours could not tell its own rules from those"
            )
        found = {name: path.read_text().strip() for name in _SYSCTLS if (path := _sysctl(name)).exists()}
        absent = [name for name in (*_FOLDERS, *_WHOLE_FOLDERS) if not Path(name).exists()]
        write_atomically(notes, json.dumps({"sysctls": found, "absent": absent}, indent=2) + "\n")
    forwarding.claim()
    if NODE_BRIDGE not in links():
        must("ip", "link", "add", NODE_BRIDGE, "type", "bridge")
    for node in nodes:
        must("ip", "address", "replace", f"{node.address}/24", "dev", NODE_BRIDGE)
    must("ip", "link", "set", NODE_BRIDGE, "up")
    forwarding.KERNEL.write_text("1\n")
    for side in ("--source", "--destination"):
        rule = ["FORWARD", side, POD_NETWORK, "--match", "comment", "--comment", _COMMENT, "--jump", "ACCEPT"]
        if call("iptables", "--wait", "--check", *rule).returncode:
            must("iptables", "--wait", "--insert", *rule)


def restore(notes: Path, nodes: Iterable[Node]) -> None:
    """Take away bridges, rules and chains, and set the kernel as it was."""
    for link in (*(node.bridge for node in nodes), NODE_BRIDGE):
        call("ip", "link", "delete", link)
    remove_rules()
    forwarding.release()
    with suppress(FileNotFoundError):
        before = json.loads(notes.read_text(encoding="utf-8"))
        for name, value in before["sysctls"].items():
            _sysctl(name).write_text(value + "\n")
        for name in before["absent"]:
            _remove_folder(Path(name))
        notes.unlink()


def unmount(mount: str) -> None:
    call("umount", "--lazy", mount)


def remove_rules(ours: re.Pattern[str] = _OURS) -> None:
    """Take out of the kernel the rules and chains that name what `ours` finds, then the sets of addresses."""
    for program in ("iptables", "ip6tables"):
        for table in _TABLES:
            for rule in removals(list_rules(table, program) or "", ours):
                call(program, "--wait", "--table", table, *rule)
    for name in filter(ours.search, call("ipset", "list", "-name").stdout.split()):
        call("ipset", "destroy", name)


def removals(listed: str, ours: re.Pattern[str] = _OURS) -> list[list[str]]:
    """Turn a listed table into the calls that take a node's rules and chains, those that match `ours`, out of it."""
    return kernel.removals(listed, ours, lambda chain: bool(_CHAIN.search(chain) and ours.search(chain)))


def _remove_folder(folder: Path) -> None:
    if str(folder) in _WHOLE_FOLDERS:
        discard(folder)
    else:
        with suppress(OSError):  # not there, or somebody else uses it by now
            folder.rmdir()


def make_control_group(node: Node, root: Path = _CONTROL_GROUPS) -> None:
    """Make the group that its kubelet takes as given: in one tree (version 2), or in one tree for each controller."""
    trees = [root] if (root / "cgroup.controllers").exists() else [path for path in root.iterdir() if path.is_dir()]
    for tree in trees:
        (tree / node.control_group.removeprefix("/")).mkdir(exist_ok=True)


def remove_control_groups(root: Path = _CONTROL_GROUPS) -> None:
    """Remove those of all nodes."""
    for pattern in ("kubepods", f"{NODE}-[0-9]"):
        for top in (*root.glob(pattern), *root.glob(f"*/{pattern}")):
            for folder in sorted((top, *(path for path in top.rglob("*") if path.is_dir())), reverse=True):
                with suppress(OSError):  # a process lives in it: it stays
                    folder.rmdir()


def _has_chains() -> bool:
    listed = "".join(list_rules(table) or "" for table in _TABLES)
    return re.search(r"^-N (KUBE|CNI)-", listed, re.MULTILINE) is not None


def _sysctl(name: str) -> Path:
    return Path("/proc/sys") / name
