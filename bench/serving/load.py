"""Load by wrk: many requests from keep-alive clients, and what came of them. Checks statuses, not contents."""

import json
import resource
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from bench.serving.errors import BenchError
from bench.serving.server import PROGRAMS

# Longer than any server here needs for 100 rows from 16 clients.
TIMEOUT_SECONDS = 30


@dataclass(frozen=True)
class Load:
    """One measurement; `failures` counts broken connections, timeouts and statuses from 400 up.

    `busy` is the share of its core that wrk itself used.
    """

    requests: int
    requests_per_second: float
    p50_ms: float
    p99_ms: float
    failures: int
    busy: float


def write_requests(path: Path, headers: Mapping[str, str], bodies: list[bytes]) -> None:
    """Write the file that `programs/load.lua` reads; a key may be among the headers, so its owner alone may too."""
    path.touch(mode=0o600)
    lines = [f"{name}: {value}".encode() for name, value in headers.items()]
    path.write_bytes(b"\n".join([*lines, b"", *bodies, b""]))


def run(url: str, requests: Path, clients: int, seconds: int) -> Load:
    """Send `requests` in turn from `clients` connections. Raises BenchError when wrk fails or nothing was answered."""
    command = ["wrk", "--threads", "1", "--connections", str(clients), "--duration", f"{seconds}s"]
    command += ["--timeout", f"{TIMEOUT_SECONDS}s", "--script", str(PROGRAMS / "load.lua"), url, "--", str(requests)]
    before = _children_seconds()
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    used = _children_seconds() - before
    if done.returncode:
        raise BenchError(f"{url}: wrk failed ({' '.join((done.stderr or done.stdout).split())[:300]})")
    return read(done.stderr, used)


def read(told: str, used_seconds: float) -> Load:
    """A measurement from the last line of what the script told."""
    counted = json.loads(told.splitlines()[-1])
    seconds = counted["microseconds"] / 1e6
    if not counted["requests"]:
        raise BenchError(f"no request was answered in {seconds:.0f} s, {counted['failures']} failed")
    return Load(
        requests=counted["requests"],
        requests_per_second=counted["requests"] / seconds,
        p50_ms=counted["p50"] / 1e3,
        p99_ms=counted["p99"] / 1e3,
        failures=counted["failures"],
        busy=used_seconds / seconds,
    )


def _children_seconds() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
