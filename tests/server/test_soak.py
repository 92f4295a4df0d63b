"""A thousand callers who mean ill beside sixteen good ones, on loopback: nobody good waits long, and memory is flat."""

import asyncio
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.server.serving import SCRIPT, Running
from tests.server.wires import RIGHT, request

pytestmark = pytest.mark.long

HOSTILE, GOOD = 1000, 16
ROUNDS, SECONDS = 3, 8.0
WORST_TIMES = 3.0
# What a read or a log line may take; all the hostile together hold no more than the bound of `connection`.
FLAT_MIB, MOST_MIB = 16, 128
THINK_SECONDS = 0.01


@pytest.fixture(scope="module")
def running(start_shared: Callable[..., Running]) -> Running:
    return start_shared(SCRIPT.with_name("quick.py"))


@pytest.fixture
def besiege(running: Running) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start the hostile callers; all are connected when it returns."""
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        command = [sys.executable, str(Path(__file__).with_name("hostile.py")), str(running.port), str(HOSTILE)]
        started.append(subprocess.Popen(command, stdout=subprocess.PIPE))
        output = started[-1].stdout
        assert output is not None
        assert output.readline() == b"ready\n"
        return started[-1]

    yield start
    for process in started:
        end(process)


def end(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()
    if process.stdout:
        process.stdout.close()


async def good_caller(port: int, until: float, seconds: list[float]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.monotonic() < until:
        began = time.perf_counter()
        writer.write(request(RIGHT))
        head = await reader.readuntil(b"\r\n\r\n")
        length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
        body = await reader.readexactly(length)
        seconds.append(time.perf_counter() - began)
        assert (head[:12], body[:18]) == (b"HTTP/1.1 200", b'[{"prediction":41.')
        await asyncio.sleep(THINK_SECONDS)
    writer.close()


def p99(port: int) -> float:
    """Of the good callers, in seconds."""
    seconds: list[float] = []

    async def call() -> None:
        until = time.monotonic() + SECONDS
        await asyncio.gather(*(good_caller(port, until, seconds) for _ in range(GOOD)))

    asyncio.run(call())
    return statistics.quantiles(seconds, n=100)[98]


def test_a_thousand_hostile_connections_hold_up_no_good_caller_and_take_no_memory(
    running: Running, besiege: Callable[[], subprocess.Popen[bytes]], record_property: Callable[[str, object], None]
) -> None:
    quiet, besieged, memory = [], [], []
    for _ in range(ROUNDS):
        quiet.append(p99(running.port))
        hostile = besiege()
        besieged.append(p99(running.port))
        memory.append(running.memory())
        end(hostile)
    figures = f"p99 quiet {quiet}, besieged {besieged} s; MiB {memory}, most {running.memory('VmHWM')}"
    record_property("figures", figures)
    print(figures)
    # The least of each is what other work on this machine did not add.
    assert min(besieged) < WORST_TIMES * min(quiet), figures
    assert memory[-1] - memory[0] <= FLAT_MIB, figures
    assert running.memory("VmHWM") <= MOST_MIB, figures
    assert running.errors() == []
