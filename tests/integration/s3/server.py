"""A real S3-compatible server on this machine: versitygw, built from its Go module once and kept in the cache.

It stores objects as files of a folder and heeds `If-None-Match: *`, also between requests at the same time.
"""

from __future__ import annotations

import os
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.go_programs import ensure_program
from tests.ports import free_port
from tests.programs import answers, running


@dataclass(frozen=True)
class S3Server:
    """A server that answers: the process, and the environment by which clients find it and prove who they are."""

    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    folder: Path

    def make_bucket(self, name: str) -> None:
        """The server takes each folder for a bucket."""
        (self.folder / name).mkdir()


@contextmanager
def serving(folder: Path) -> Iterator[S3Server]:
    """A server with its data in `folder`, on a free port of the loopback, until the end of the block."""
    program = ensure_program("versitygw", folder)
    (folder / "data").mkdir()
    port = free_port()
    access, secret = secrets.token_hex(8), secrets.token_hex(16)
    command: list[str | Path] = [
        program,
        "--port",
        f"127.0.0.1:{port}",
        "--keep-alive",
        "--quiet",
        "posix",
        folder / "data",
    ]
    environment = {**os.environ, "ROOT_ACCESS_KEY": access, "ROOT_SECRET_KEY": secret}
    endpoint = f"http://127.0.0.1:{port}"
    with running(command, folder / "server.log", lambda: answers(endpoint), environment=environment) as process:
        client = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}
        yield S3Server(process, {**client, "AWS_DEFAULT_REGION": "us-east-1"}, folder / "data")
