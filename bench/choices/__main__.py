"""Measures the candidates in turn, in an environment of their own, and prints two tables."""

import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.serving import environments, load, processes

HERE = Path(__file__).parent
ANSWER = b'[{"prediction":0,"probability":0.0168,"model":"churn","version":1}]'
BODY = b'{"input_df":[{"age":44,"state":"ID"}]}'
SECONDS, ROUNDS, CLIENTS = 3, 3, 16
SERVERS = (
    "uvicorn (h11, asyncio)",
    "uvicorn (httptools, uvloop)",
    "uvicorn + starlette",
    "uvicorn + litestar",
    "granian (ASGI)",
    "granian (RSGI)",
)


def main() -> None:
    """Measure and print."""
    python = environments.install(HERE / "requirements.txt", _say)
    _say("decoding")
    decoded = json.loads(subprocess.run([python, HERE / "decoding.py"], check=True, capture_output=True).stdout)
    print("| decoder | 1 row, µs | 100 rows, µs |\n|---|---|---|")
    for name, times in decoded.items():
        print(f"| {name} | {times['1 rows']} | {times['100 rows']} |")
    print("\n| web server, one worker, constant answer | requests/s | p99, ms | CPU µs a request |\n|---|---|---|---|")
    for name, (rate, p99, cpu) in measure(python).items():
        print(f"| {name} | {rate:.0f} | {p99:.2f} | {cpu:.1f} |")


def measure(python: Path) -> dict[str, tuple[float, float, float]]:
    """Requests a second, p99 in ms and CPU time a request in µs: the median round of each server, rounds in turn."""
    found: dict[str, list[tuple[float, float, float]]] = {name: [] for name in SERVERS}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "1").write_bytes(ANSWER)
        load.write_requests(folder / "requests", {"Content-Type": "application/json"}, [BODY])
        for number in range(ROUNDS):
            for server in SERVERS:
                _say(f"round {number + 1} of {ROUNDS}: {server}")
                found[server].append(_round(python, server, folder))
    return {server: sorted(rounds)[len(rounds) // 2] for server, rounds in found.items()}


def _round(python: Path, server: str, folder: Path) -> tuple[float, float, float]:
    (port,) = processes.free_ports(1)
    process = subprocess.Popen([python, HERE / "serving.py", server, str(port), str(folder)])
    try:
        _await(port)
        before = _cpu_seconds(process.pid)
        measured = load.run(f"http://127.0.0.1:{port}/1", folder / "requests", CLIENTS, SECONDS)
        used = _cpu_seconds(process.pid) - before
    finally:
        processes.end(process)
    if measured.failures:
        raise SystemExit(f"{server}: {measured.failures} requests failed")
    return measured.requests_per_second, measured.p99_ms, used / measured.requests * 1e6


def _await(port: int, within_seconds: float = 20) -> None:
    end = time.monotonic() + within_seconds
    while time.monotonic() < end:
        with socket.socket() as door:
            if door.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"port {port} did not open within {within_seconds:g} s")


def _cpu_seconds(pid: int) -> float:
    """User and system time of all threads of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / 100


def _say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
