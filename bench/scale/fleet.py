"""Nodes that are none: kwok answers for them and says that their pods are ready, so that a thousand cost nothing."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, cast

from lightkube import Client
from lightkube.resources.core_v1 import Node, Pod

from tests.go_programs import ensure_program
from workbench.clusters.symptoms import is_ready

NAME = "kwok"
FAKE = ("kwok.x-k8s.io/node", "fake")
_ROOM = {"cpu": "64", "memory": "256Gi", "pods": "110"}
_PODS = "10.80.0.0/16"
_SECONDS = 60


@contextmanager
def fleet(kubeconfig: Path, client: Client, count: int, folder: Path) -> Iterator[None]:
    """`count` nodes of 64 cores are ready for pods until the end of the block."""
    program = ensure_program(NAME, folder)
    command = [
        str(program),
        f"--kubeconfig={kubeconfig}",
        "--manage-all-nodes=false",
        f"--manage-nodes-with-annotation-selector={'='.join(FAKE)}",
        f"--cidr={_PODS}",
        "--node-lease-duration-seconds=40",
    ]
    with (folder / "kwok.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, env={**os.environ, "HOME": str(folder)})
    try:
        for index in range(count):
            client.create(cast("Node", Node.from_dict(_node(f"fake-{index:02}"))))
        _wait(client, count)
        yield
    finally:
        process.terminate()
        process.wait()


def pods(client: Client, namespace: str) -> dict[str, tuple[str, bool]]:
    """Of each pod that nobody has told to end, by its uid: the service, and whether it is ready."""
    found = {}
    for pod in client.list(Pod, namespace=namespace):
        if pod.metadata and not pod.metadata.deletionTimestamp:
            service = (pod.metadata.labels or {})["workbench.service"]
            found[str(pod.metadata.uid)] = (service, is_ready(pod))
    return found


def _node(name: str) -> dict[str, Any]:
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "type": NAME}
    return {
        "metadata": {"name": name, "labels": labels, "annotations": dict([FAKE])},
        "status": {"allocatable": _ROOM, "capacity": _ROOM},
    }


def _wait(client: Client, count: int) -> None:
    end = time.monotonic() + _SECONDS
    while sum(map(is_ready, client.list(Node))) < count:
        if time.monotonic() > end:
            raise TimeoutError(f"not {count} nodes were ready within {_SECONDS} s")
        time.sleep(0.5)
