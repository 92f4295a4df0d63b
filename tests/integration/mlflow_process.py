"""A real MLflow tracking server on this machine, from an environment of its own that the cache keeps."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.serving.environments import install
from tests.ports import free_port
from tests.programs import answers, running

_LOCK = Path(__file__).parents[2] / "bench" / "serving" / "requirements" / "mlflow.txt"


def interpreter() -> Path:
    """The Python that has MLflow; installed the first time."""
    return install(_LOCK, print)


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """The address of a server with its data in `folder`, until the end of the block."""
    port = free_port()
    store = [
        "--backend-store-uri",
        f"sqlite:///{folder}/mlflow.db",
        "--artifacts-destination",
        str(folder / "artifacts"),
    ]
    place = ["--host", "127.0.0.1", "--port", str(port), "--workers", "1"]
    address = f"http://127.0.0.1:{port}"
    with running(
        ["setsid", interpreter(), "-m", "mlflow", "server", *store, *place],  # it has workers, which end with it
        folder / "server.log",
        lambda: answers(f"{address}/health"),
        folder=folder,
        environment={**os.environ, "HOME": str(folder), "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
        end=_kill,
    ):
        yield address


def _kill(process: subprocess.Popen[bytes]) -> None:
    """Kill it and its workers: asked to end, it takes half a minute, and its data go with the test."""
    os.killpg(process.pid, signal.SIGKILL)
