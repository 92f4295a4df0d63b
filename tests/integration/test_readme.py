"""The README's commands, as written, in a fresh copy of the tree on a machine of its own.

That machine is this one with an empty home, no network, no engine and its own ports (namespaces, so root); it shares
the engines' cache, and the wheels that another home's registry holds.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path

import pytest

from tests.integration.documents import commands
from tests.integration.workspace import Workspace
from tests.tree import TREE
from tests.waiting import patience

SECONDS = 1200
WRITTEN_BY_UP = ("  churn:services:", "encryptionsalt:")


@dataclass(frozen=True)
class Machine:
    """A process that holds the namespaces, and a copy of the tree to work in."""

    pid: int
    tree: Path
    environment: dict[str, str]

    def bash(self, script: str) -> tuple[int, str]:
        """Run a script as a person would in a terminal; gives its exit code and all it said."""
        inside = ["nsenter", "--target", str(self.pid), "--net", "--mount", "bash", "-c", f"cd {self.tree}\n{script}"]
        done = subprocess.run(
            inside,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=patience(SECONDS),
            check=False,
        )
        return done.returncode, done.stdout


@pytest.fixture
def machine(tmp_path: Path, trained: Workspace) -> Iterator[Machine]:
    home, tree = tmp_path / "home", tmp_path / "tree"
    _copy_tree(tree)
    wheels = home / ".local" / "share" / "workbench" / "registry" / "wheels"
    shutil.copytree(trained.home / "registry" / "wheels", wheels)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "WORKBENCH_", "XDG_"))},
        "HOME": str(home),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"),
    }
    environment.pop("DOCKER_HOST", None)
    script = "mount -t tmpfs tmpfs /run && ip link set lo up && echo ready && exec sleep 3600"
    command = ["unshare", "--net", "--mount", "--propagation", "private", "sh", "-c", script]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"ready\n"
        machine = Machine(holder.pid, tree, environment)
        yield machine
        machine.bash("YES=1 make down")
        holder.kill()


def test_every_command_of_the_readme_does_what_it_says(machine: Machine) -> None:
    blocks = commands(TREE / "README.md")
    assert len(blocks) >= 7

    code, said = machine.bash("\n".join(["set -euo pipefail", "make up", *blocks]))

    assert code == 0, said[-8000:]
    assert "the feature store is away" in said
    assert "error: update failed" in said
    versions = re.findall(r"^\d\S*\s+[\d.e-]+\s+churn\s+(\d+)$", said, re.MULTILINE)
    assert versions == [*"111", *"222", *"222", *"111", *"111"], "first steps, update, broken, back, prod"
    assert len(re.findall(r"^\[score\] \d\S*\s+[\d.e-]+\s+churn\s+1$", said, re.MULTILINE)) == 3, "make up"
    assert "dockerd" in said.rpartition("this removes:")[2]
    assert "removed" in said.rpartition("this removes:")[2]


def _copy_tree(target: Path) -> None:
    """What a commit of the tree as it stands would hold, before anyone ran `make up` in it."""
    listed = ["git", "-C", str(TREE), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TREE / name, place)
    for path in target.glob("Pulumi.*.yaml"):
        lines = path.read_text().splitlines(keepends=True)
        path.write_text("".join(takewhile(lambda line: not line.startswith(WRITTEN_BY_UP), lines)))
