"""The README's commands, as written, in a fresh copy of the tree with an empty home; the engines' cache is shared."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import docker

from tests.integration.workspace import TREE

BLOCK = re.compile(r"^```sh\n(.*?)^```", re.MULTILINE | re.DOTALL)
SECONDS = 1200


def test_every_command_of_the_readme_does_what_it_says(tmp_path: Path, engine: docker.DockerClient) -> None:
    running = [each.name for each in engine.networks.list() if each.name in {"churn-staging", "churn-prod"}]
    assert not running, f"{running}: stacks of this project run on this engine; the README's are the same: make down"
    blocks = BLOCK.findall((TREE / "README.md").read_text())
    assert len(blocks) >= 7
    clone, home = tmp_path / "clone", tmp_path / "home"
    home.mkdir()
    _copy_tree(clone)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("PULUMI_", "WORKBENCH_", "XDG_"))},
        "HOME": str(home),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"),
        "DOCKER_HOST": engine.api.base_url.replace("http+docker://localhost", "unix:///var/run/docker.sock"),
    }
    script = "\n".join(["set -euo pipefail", "make up", *blocks])

    done = subprocess.run(
        ["bash", "-c", script],
        cwd=clone,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=SECONDS,
        check=False,
    )

    assert done.returncode == 0, done.stdout[-8000:]
    assert "the feature store is away" in done.stdout
    assert "error: update failed" in done.stdout
    assert done.stdout.count("churn [Ver. 1]") >= 2
    assert "nothing to remove" not in done.stdout
    assert not [each.name for each in engine.containers.list(all=True) if str(each.name).startswith("churn-")]


def _copy_tree(target: Path) -> None:
    """What a commit of the tree as it stands would hold."""
    listed = ["git", "-C", str(TREE), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listed, check=True, capture_output=True, text=True).stdout.split("\0")
    for name in filter(None, names):
        place = target / name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(TREE / name, place)
