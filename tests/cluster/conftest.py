"""A real cluster for the tests of this folder: the one that KUBECONFIG names, else nodes on this machine.

Files of tests share them. The one that starts and ends nodes itself waits until nobody else has it.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

import docker
import pytest
from lightkube import Client
from lightkube.resources.core_v1 import Namespace, Node

from tests.cluster import registry as registries
from tests.cluster import run_lab
from tests.cluster.cluster import Cluster
from tests.cluster.draining import cordoned
from tests.integration.laboratory import Lab
from tests.tree import TREE
from tests.waiting import until
from workbench.toolchain.cluster.layout import layout
from workbench.toolchain.places import find_places

LOCK = Path(tempfile.gettempdir()) / "workbench-test-cluster.lock"


@contextmanager
def held(how: int) -> Iterator[None]:
    """Hold the machine's node, with others (LOCK_SH) or alone (LOCK_EX). Raises BlockingIOError with LOCK_NB."""
    with LOCK.open("a") as handle:
        fcntl.flock(handle, how)
        yield


@pytest.fixture(scope="module")
def cluster(engines: dict[str, str]) -> Iterator[Cluster]:
    """A cluster that stays as it is found, but for namespaces of each test's own; Pulumi has its provider."""
    assert engines
    _toolchain("build", "pulumi-resource-kubernetes")
    if given := os.environ.get("KUBECONFIG"):
        yield Cluster(Path(given))
        return
    with held(fcntl.LOCK_SH):
        _toolchain("cluster", "up")
        yield Cluster(layout(find_places()).kubeconfig)


@pytest.fixture(scope="module")
def two_nodes(cluster: Cluster) -> None:
    """At least two nodes that take pods: of a cluster of ours, a second one joins, and stays."""
    if not os.environ.get("KUBECONFIG"):
        _toolchain("cluster", "up", "--nodes", "2")
    with cluster.client() as client:
        assert len([node for node in client.list(Node) if node.spec and not node.spec.unschedulable]) > 1


@pytest.fixture(scope="module")
def one_node(engines: dict[str, str]) -> Iterator[Cluster]:
    """A cluster on this machine that is nobody else's meanwhile, whose pods all come to its first node."""
    assert engines
    _toolchain("build", "pulumi-resource-kubernetes")
    with held(fcntl.LOCK_EX), ExitStack() as cordons:
        _toolchain("cluster", "up")
        here = layout(find_places())
        found = Cluster(here.kubeconfig)
        with found.client() as client:
            for node in here.nodes()[1:]:
                if node.settings.exists():
                    cordons.enter_context(cordoned(client, node.name))
            yield found


@pytest.fixture(scope="module")
def registry(engine: docker.DockerClient, engines: dict[str, str]) -> Iterator[str]:
    """The address of an open registry: WORKBENCH_TEST_REGISTRY for a cluster elsewhere, else one on loopback."""
    if given := os.environ.get("WORKBENCH_TEST_REGISTRY"):
        yield given
        return
    with registries.serving(engine, Path(engines["WORKBENCH_HOME"])) as address:
        yield address


@pytest.fixture(scope="module")
def client(cluster: Cluster) -> Iterator[Client]:
    with cluster.client() as made:
        yield made


@pytest.fixture(scope="module")
def namespace(client: Client) -> Iterator[str]:
    """One that enforces the standard `restricted`."""
    name = f"runs-{uuid.uuid4().hex[:8]}"
    labels = {"pod-security.kubernetes.io/enforce": "restricted"}
    client.create(cast("Namespace", Namespace.from_dict({"metadata": {"name": name, "labels": labels}})))
    yield name
    client.delete(Namespace, name)


@pytest.fixture
def there(
    tmp_path: Path, shared_home: dict[str, str], cluster: Cluster, registry: str, namespace: str, client: Client
) -> Iterator[Lab]:
    """A project whose runs go to the cluster; no Job of theirs may be left."""
    folder = tmp_path / f"lab{uuid.uuid4().hex[:8]}"
    yield run_lab.make(folder, shared_home, cluster.kubeconfig, namespace, registry)
    until(lambda: not run_lab.jobs(client, namespace) and not run_lab.pods(client, namespace))


@pytest.fixture(scope="module")
def whole_machine() -> Iterator[None]:
    """Nobody else has a node on this machine, and there is none."""
    with held(fcntl.LOCK_EX):
        _toolchain("cluster", "down")
        yield


@pytest.fixture(scope="session", autouse=True)
def _nothing_is_left() -> Iterator[None]:
    yield
    if os.environ.get("KUBECONFIG"):
        return
    try:
        with held(fcntl.LOCK_EX | fcntl.LOCK_NB):
            _toolchain("cluster", "down")
    except BlockingIOError:
        pass  # another worker still has it, and will end it


def _toolchain(*arguments: str) -> None:
    command = [sys.executable, "-m", "workbench.toolchain", *arguments]
    done = subprocess.run(command, cwd=TREE, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
