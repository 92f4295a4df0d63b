"""Real engines for all tests of this folder: what `python3 -m toolchain up --no-stack` made ready."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.integration.workspace import TREE, Served, Workspace, make, prepare_home

ROWS = "4000"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("engines")


@pytest.fixture(scope="session")
def engines() -> dict[str, str]:
    """The environment that `make env` gives a shell."""
    script = 'eval "$("$0" -m toolchain env)" && env -0'
    done = subprocess.run(
        ["bash", "-ec", script, sys.executable], cwd=TREE, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"no engines: {done.stderr}; run `make engines`"
    pairs = (entry.partition("=") for entry in done.stdout.split("\0") if "=" in entry)
    return {name: value for name, _, value in pairs}


@pytest.fixture(scope="session")
def engine(engines: dict[str, str]) -> Iterator[docker.DockerClient]:
    client = docker.from_env(environment={**os.environ, **engines})
    yield client
    client.close()


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, engines: dict[str, str]) -> Workspace:
    """A project whose registry holds version 1, and the sample it was trained on."""
    home = tmp_path_factory.mktemp("home")
    workspace = make(tmp_path_factory.mktemp("trained") / "project", prepare_home(home, engines), home)
    workspace.workbench("data", "generate", "--out", "churn.csv", "--rows", ROWS)
    workspace.train(1)
    return workspace


@pytest.fixture
def workspace(tmp_path: Path, trained: Workspace) -> Iterator[Workspace]:
    """A project with the sample at hand, for tests that change stacks; its stacks end with the test."""
    made = trained.beside(tmp_path / "project")
    yield made
    made.destroy()


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory, trained: Workspace) -> Iterator[Served]:
    """A stack that serves version 1, for tests that only look."""
    made = trained.beside(tmp_path_factory.mktemp("served") / "project")
    stack = made.new_stack()
    model = made.train(1, stack)
    said = made.up(stack)
    yield Served(made, stack, model, said.out + said.err)
    made.destroy()
