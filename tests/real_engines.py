"""Fixtures with real engines, for tests/integration and tests/cluster: what `make engines` made ready."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from tests.integration.laboratory import RUNCONFIG, SMALL, Lab
from tests.integration.workspace import Served, Workspace, make, prepare_home
from tests.tree import TREE

ROWS = "4000"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        folders = item.path.relative_to(TREE / "tests").parts
        if {"integration", "cluster"} & set(folders):
            item.add_marker("engines")
        if "cluster" in folders:
            item.add_marker("cluster")
        if "fuzz" in item.path.stem:
            item.add_marker("fuzz")


@pytest.fixture(scope="session")
def engines() -> dict[str, str]:
    """The environment that `make env` gives a shell."""
    script = 'eval "$("$0" -m workbench.toolchain env)" && env -0'
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


@pytest.fixture(scope="session")
def shared_home(tmp_path_factory: pytest.TempPathFactory, engines: dict[str, str]) -> dict[str, str]:
    home = tmp_path_factory.mktemp("home")
    return {**prepare_home(home, engines), "WORKBENCH_HOME": str(home)}


@pytest.fixture
def lab(tmp_path: Path, shared_home: dict[str, str], engine: docker.DockerClient) -> Iterator[Lab]:
    """A project of its own name with the smallest of images; no container of its runs may be left."""
    project = f"lab{uuid.uuid4().hex[:8]}"
    made = Lab(tmp_path / project, shared_home)
    (made.folder / "aml_config").mkdir(parents=True)
    made.write(
        docker__runconfig=RUNCONFIG.format("docker", "Python"),
        docker__compute="type: docker\n",
        conda_dependencies__yml=SMALL,
    )
    yield made
    left = engine.containers.list(all=True, filters={"label": f"workbench.project={project}"})
    assert [each.name for each in left] == []
