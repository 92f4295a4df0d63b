"""A real S3-compatible server on this machine: versitygw, built from its Go module once and kept in the cache.

It stores objects as files of a folder and heeds `If-None-Match: *`, also between requests at the same time.
"""

from __future__ import annotations

import os
import secrets
import socket
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchain.cache import locked, place
from toolchain.engines import cached_folder
from toolchain.gobuild import build_engine
from toolchain.golang import ensure_go
from toolchain.places import Places, find_places
from toolchain.process import Log
from toolchain.versions import Build, Download, Engine, read_versions

_NAME = "versitygw"
_ENGINE = Engine(
    name=_NAME,
    version="1.8.0",
    below="2",
    default=False,
    plugin="",
    answers=(_NAME, "--version"),
    files=(_NAME,),
    vendor=Download("", ""),
    builds=(Build(module=_NAME, package="github.com/versity/versitygw/cmd/versitygw"),),
    copies=(),
)
_SECONDS = 60


class _Places(Places):
    """The committed go.mod lies beside the tests: `make up` needs no such server."""

    @property
    def modules(self) -> Path:
        return Path(__file__).parent / "modules"


@dataclass(frozen=True)
class S3Server:
    """A server that answers: the process, and the environment by which clients find it and prove who they are."""

    process: subprocess.Popen[bytes]
    environment: dict[str, str]
    folder: Path

    def make_bucket(self, name: str) -> None:
        """The server takes each folder for a bucket."""
        (self.folder / name).mkdir()


def ensure_program(logs: Path) -> Path:
    """The server's program, built unless it is in the cache."""
    found = find_places()
    places = _Places(project=found.project, home=found.home, cache=found.cache)
    target = cached_folder(_ENGINE, places)
    log = Log(_NAME, logs / f"{_NAME}.log")
    with locked(target.parent / ".lock", lambda: log.say("waits until it is built")):
        if not target.exists():
            go = ensure_go(log, places, read_versions())
            place(target, lambda partial: build_engine(log, go, _ENGINE, places, partial))
    return target / _NAME


@contextmanager
def serving(folder: Path) -> Iterator[S3Server]:
    """A server with its data in `folder`, on a free port of the loopback, until the end of the block."""
    program = ensure_program(folder)
    (folder / "data").mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    access, secret = secrets.token_hex(8), secrets.token_hex(16)
    with (folder / "server.log").open("wb") as log:
        process = subprocess.Popen(
            [program, "--port", f"127.0.0.1:{port}", "--keep-alive", "--quiet", "posix", folder / "data"],
            env={**os.environ, "ROOT_ACCESS_KEY": access, "ROOT_SECRET_KEY": secret},
            stdout=log,
            stderr=log,
        )
    try:
        endpoint = f"http://127.0.0.1:{port}"
        _wait(process, endpoint, folder / "server.log")
        client = {"AWS_ENDPOINT_URL": endpoint, "AWS_ACCESS_KEY_ID": access, "AWS_SECRET_ACCESS_KEY": secret}
        yield S3Server(process, {**client, "AWS_DEFAULT_REGION": "us-east-1"}, folder / "data")
    finally:
        process.terminate()
        process.wait(timeout=_SECONDS)


def _wait(process: subprocess.Popen[bytes], endpoint: str, log: Path) -> None:
    deadline = time.monotonic() + _SECONDS
    while True:
        try:
            urllib.request.urlopen(endpoint, timeout=1).close()  # noqa: S310 - our own loopback
        except urllib.error.HTTPError as error:
            error.close()
            return  # it asks who we are
        except OSError:
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < deadline, log.read_text(errors="replace")
            time.sleep(0.05)
        else:
            return
