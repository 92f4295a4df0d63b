"""A real MLflow tracking server on this machine, from an environment of its own that the cache keeps."""

from __future__ import annotations

import os
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from bench.serving.environments import install
from tests.ports import free_port

_LOCK = Path(__file__).parents[2] / "bench" / "serving" / "requirements" / "mlflow.txt"
_SECONDS = 180


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
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [interpreter(), "-m", "mlflow", "server", *store, *place],
            cwd=folder,
            env={**os.environ, "HOME": str(folder), "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false"},
            stdout=log,
            stderr=log,
            start_new_session=True,  # it has workers, which end with it
        )
    try:
        _wait(process, f"http://127.0.0.1:{port}/health", folder / "server.log")
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # asked to end, it takes half a minute; its data go with the test
        process.wait()


def _wait(process: subprocess.Popen[bytes], url: str, log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            urllib.request.urlopen(url, timeout=1).close()  # noqa: S310 - our own loopback
        except OSError:
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.2)
        else:
            return
