"""Eight ways for a release to be bad: each ends `up` with its reason, and the one before goes on answering."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.cluster.cluster import Cluster
from tests.integration.clients import Clients
from tests.integration.workspace import SERVICE, Workspace

ANSWERS = 50
PATIENCE = 12
CORES = 0.3  # of two that all stacks and runs of these tests share

RUN = "\n\ndef run(input_df):\n    return input_df\n"
SCRIPTS = {
    "exits at start": "def init():\n    raise RuntimeError('the feature store is away')\n",
    "hangs": "import time\n\n\ndef init():\n    time.sleep(3600)\n",
    "healthy, then sick": ("import os, threading\n\n\ndef init():\n    threading.Timer(2, os._exit, [7]).start()\n"),
    "out of memory": "def init():\n    global held\n    held = b'x' * (2 << 30)\n",
}
SAID = {
    "exits at start": "the feature store is away",
    "hangs": "was not ready within",
    "healthy, then sick": "ended",
    "out of memory": "OOMKilled",
    "wrong schema": "input_df",
    "artifact missing": "model.onnx",
    "digest not matching": "model.onnx",
    "never ready": "Insufficient cpu",
}


class Serving:
    """A stack with a good release; what was pinned then."""

    def __init__(self, workspace: Workspace, cluster: Cluster) -> None:
        self.workspace = workspace
        self.stack = workspace.new_stack(engine="kubernetes", kubeconfig=str(cluster.kubeconfig))
        self.model = workspace.train(1, self.stack)
        workspace.set_service(self.stack, healthySeconds=PATIENCE, cpu=CORES)
        workspace.up(self.stack)
        self._pinned = workspace.stack_file(self.stack).read_text()

    def spoil(self, kind: str) -> None:
        """Pin what is bad in one way, and nothing else."""
        self.workspace.stack_file(self.stack).write_text(self._pinned)
        if kind in SCRIPTS:
            self._pin_script(SCRIPTS[kind] + RUN)
        elif kind == "wrong schema":
            self._pin_script("def init():\n    pass\n\n\ndef run(other):\n    return other\n")
        elif kind == "never ready":
            self.workspace.set_service(self.stack, cpu=200)
        else:
            again = self.workspace.train(91 if kind == "artifact missing" else 92, self.stack)
            folder = self.workspace.home / "registry" / "manifests" / again["manifest"].removeprefix("sha256:")
            (artifact,) = folder.rglob("model.onnx")
            if kind == "artifact missing":
                artifact.unlink()
            else:
                artifact.write_bytes(artifact.read_bytes()[:-1] + b"!")

    def _pin_script(self, text: str) -> None:
        script = self.workspace.folder / "bad.py"
        script.write_text(text)
        model = f"churn:{self.model['version']}"
        self.workspace.workbench(
            "manifest", "create", "-n", SERVICE, "-i", model, "-f", str(script), "--stack", self.stack
        )


@pytest.fixture(scope="module")
def serving(tmp_path_factory: pytest.TempPathFactory, trained: Workspace, cluster: Cluster) -> Iterator[Serving]:
    workspace = trained.beside(tmp_path_factory.mktemp("bad") / "project")
    yield Serving(workspace, cluster)
    workspace.destroy()


@pytest.mark.parametrize("kind", SAID)
def test_a_bad_release_leaves_the_old_one_serving_and_says_why(serving: Serving, kind: str) -> None:
    workspace, stack = serving.workspace, serving.stack
    before: dict[str, Any] = workspace.service(stack)
    rows = workspace.examples(serving.model["manifest"])
    serving.spoil(kind)

    with Clients(before["scoringUrl"], workspace.key(stack), rows, count=4) as clients:
        clients.wait_for_answers(ANSWERS)
        broken = workspace.up(stack, check=False)
        clients.wait_for_answers(ANSWERS)

    assert (broken.code != 0, clients.tally.failures) == (True, {}), broken.out
    assert set(clients.tally.versions) == {serving.model["version"]}
    assert SAID[kind] in broken.out, broken.out
    assert workspace.service(stack)["manifest"] == before["manifest"]
