"""A server that runs on a core of its own, from exec to its end. Measures nothing but its start."""

import contextlib
import http.client
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass

from bench.serving import processes
from bench.serving.client import Client, check_answer
from bench.serving.errors import BenchError
from bench.serving.server import Server

SERVER_CORE, LOAD_CORE = 0, 1
_READY_WITHIN_SECONDS = 120
_POLL_SECONDS = 0.005


@dataclass(frozen=True)
class Running:
    """A server that answers on `port`; `start_seconds` went from exec to its first right answer."""

    server: Server
    pid: int
    port: int
    start_seconds: float

    def url(self, rows: int) -> str:
        """Where `rows` rows are scored."""
        return f"http://127.0.0.1:{self.port}{self.server.path(rows)}"


@contextlib.contextmanager
def running(server: Server) -> Iterator[Running]:
    """Start a server on its core and end it. Raises BenchError when it does not come to answer rightly."""
    ports = processes.free_ports(server.ports)
    environment = {
        "PATH": f"{server.python.parent}:{os.environ.get('PATH', os.defpath)}",
        "HOME": str(server.folder),
        "LANG": "C.UTF-8",
        **server.environment(ports),
    }
    began = time.monotonic()
    with (server.folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["taskset", "--cpu-list", str(SERVER_CORE), *server.command(ports)],
            cwd=server.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    try:
        _await_answer(server, process, ports[0])
        yield Running(server, process.pid, ports[0], time.monotonic() - began)
    finally:
        processes.end(process)


def _await_answer(server: Server, process: subprocess.Popen[bytes], port: int) -> None:
    batch = server.subject.batches[1][0]
    last, deadline = "", time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise BenchError(f"{server.name} ended with {process.returncode} at its start: {_last_words(server)}")
        try:
            with Client(server, port) as client:
                answer = client.ask(batch)
        except (OSError, http.client.HTTPException, BenchError) as error:
            last = str(error)
            time.sleep(_POLL_SECONDS)
        else:
            check_answer(server, batch, answer)
            return
    raise BenchError(f"{server.name} did not answer within {_READY_WITHIN_SECONDS} s ({last}): {_last_words(server)}")


def _last_words(server: Server) -> str:
    text = (server.folder / "log").read_text(encoding="utf-8", errors="replace")
    return " / ".join(line.strip() for line in text.splitlines()[-3:])[:400] or "it printed nothing"
