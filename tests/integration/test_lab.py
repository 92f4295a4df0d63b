"""The lab's commands, as docs/lab.md writes them, in a home of their own on the engines that are here."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.integration.documents import commands
from tests.integration.workspace import prepare_home
from tests.tree import TREE
from tests.waiting import patience

SECONDS = 900
ENVIRONMENTS = ("bootcampvmprod", "bootcampvmstage")
PROJECT = Path("Documents", "churn_prediction")


@pytest.fixture
def person(tmp_path: Path, engines: dict[str, str]) -> Iterator[dict[str, str]]:
    """The environment of somebody who begins: an empty HOME, and a workbench that `make engines` made ready."""
    home, shared = tmp_path / "workbench", Path(engines["WORKBENCH_HOME"])
    environment = {
        **prepare_home(home, engines),
        "HOME": str(tmp_path / "person"),
        "WORKBENCH_HOME": str(home),
        "XDG_CACHE_HOME": os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache"),
    }
    shutil.copy2(shared / "toolchain.json", home)
    (home / "pulumi").symlink_to(shared / "pulumi")
    (tmp_path / "person").mkdir()
    yield environment
    project = tmp_path / "person" / PROJECT
    for name in ENVIRONMENTS:
        if (project / f"Pulumi.{name}.yaml").exists():
            subprocess.run(
                ["workbench", "env", "delete", "-n", name, "--yes"], cwd=project, env=environment, check=True
            )


def test_every_command_of_the_lab_does_what_it_says(person: dict[str, str]) -> None:
    done = subprocess.run(
        ["bash", "-c", "\n".join(["set -euo pipefail", *commands(TREE / "docs" / "lab.md")])],
        cwd=TREE,
        env=person,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=patience(SECONDS),
        check=False,
    )
    said = done.stdout

    assert done.returncode == 0, said[-8000:]
    assert "Your environment is now ready" in said
    assert "Export the model to model.pkl" in said
    versions = re.findall(r"^\d\S*\s+[\d.e-]+\s+model\.onnx\s+(\d+)$", said, re.MULTILINE)
    assert versions == [*"11", *"22", *"22"], "created, updated, promoted"
    assert said.count("is gone; models, manifests and runs stay") == 2
