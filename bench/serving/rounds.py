"""The measuring itself: servers in turn, each started anew a round, checked, warmed up and loaded cell by cell."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench.serving import load, processes
from bench.serving.client import Client, check
from bench.serving.load import Load
from bench.serving.running import SERVER_CORE, Running, running
from bench.serving.server import Server
from bench.serving.subject import BATCHES

CLIENTS = (1, 16)
# Rows a request and clients.
Cell = tuple[int, int]
CELLS: tuple[Cell, ...] = tuple((rows, clients) for rows in BATCHES for clients in CLIENTS)
WARM_UP_SECONDS = 1


@dataclass(frozen=True)
class Round:
    """One life of a server; memory is measured after all load.

    `core_taken` is the share of the server's core that neither the server nor idleness had, while it was under load.
    """

    start_seconds: float
    memory_mib: float
    core_taken: float
    cells: dict[Cell, Load]


def trial(server: Server) -> dict[int, bytes]:
    """Start and check a server, write its requests; gives its answers to the first batch of each size.

    Raises BenchError when it can't be measured.
    """
    for rows, batches in server.subject.batches.items():
        load.write_requests(_requests(server, rows), server.headers, [server.body(batch.rows) for batch in batches])
    with running(server) as up:
        check(server, up.port)
        with Client(server, up.port) as client:
            return {rows: client.ask(batches[0]) for rows, batches in server.subject.batches.items()}


def measure(servers: Sequence[Server], rounds: int, seconds: int, say: Callable[[str], None]) -> dict[str, list[Round]]:
    """Every server once a round. Raises BenchError when one fails that passed its trial."""
    measured: dict[str, list[Round]] = {server.name: [] for server in servers}
    for number in range(rounds):
        for server in order(servers, number):
            each = _one(server, seconds)
            measured[server.name].append(each)
            say(f"round {number + 1} of {rounds}: {server.name}: {_line(each)}")
    return measured


def order(servers: Sequence[Server], number: int) -> list[Server]:
    """The order of a round: each begins with another server, every second one goes backwards."""
    start = number % len(servers)
    turned = [*servers[start:], *servers[:start]]
    return turned[::-1] if number % 2 else turned


def _one(server: Server, seconds: int) -> Round:
    with running(server) as up:
        check(server, up.port)
        _load(up, CELLS[-1], WARM_UP_SECONDS)
        began, busy = time.monotonic(), _others_seconds(up)
        cells = {cell: _load(up, cell, seconds) for cell in CELLS}
        taken = (_others_seconds(up) - busy) / (time.monotonic() - began)
        return Round(up.start_seconds, processes.memory_mib(up.pid), max(0.0, taken), cells)


def _others_seconds(up: Running) -> float:
    return processes.core_seconds(SERVER_CORE) - processes.cpu_seconds(up.pid)


def _load(up: Running, cell: Cell, seconds: int) -> Load:
    rows, clients = cell
    return load.run(up.url(rows), _requests(up.server, rows), clients, seconds)


def _requests(server: Server, rows: int) -> Path:
    return server.folder / f"requests-{rows}"


def _line(each: Round) -> str:
    rates = ", ".join(
        f"{rows}x{clients}: {cell.requests_per_second:.0f}/s" for (rows, clients), cell in each.cells.items()
    )
    return f"start {each.start_seconds:.2f} s, {rates}, {each.memory_mib:.0f} MiB, others took {each.core_taken:.0%}"
