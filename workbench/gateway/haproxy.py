"""HAProxy's two sockets: the worker's (servers, weights, states) and the master's (reload).

Commands and columns: HAProxy 2.6 management guide, "Unix Socket commands" and "Master CLI".
"""

from __future__ import annotations

import csv
import io
import socket
import subprocess
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from workbench.gateway.backend import IDLE_HOST, PORT, RouteError, Server

WORKER = Path("/run/haproxy/admin.sock")
MASTER = Path("/run/haproxy/master.sock")
CONFIG = Path(__file__).with_name("haproxy.cfg")
SERVICES = Path("/gateway/services")
POLL_SECONDS = 0.1
MAINTENANCE = 0x01  # forced at run time; what the configuration says of a slot is no longer so once it was set ready
RELOAD_SECONDS = 15.0


@dataclass(frozen=True)
class Slot:
    """One server line as the worker runs it now."""

    host: str
    weight: int
    in_maintenance: bool


def ask(command: str, path: Path = WORKER) -> str:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(10)
        connection.connect(str(path))
        connection.sendall(command.encode() + b"\n")
        answer = b""
        while part := connection.recv(65536):
            answer += part
    return answer.decode()


def tell(command: str) -> None:
    """Run a command that answers nothing when it did what it was told."""
    answer = ask(command).strip()
    # Changing a name or an address is answered by a sentence; only refusals start otherwise.
    if answer and not any(word in answer for word in ("changed", "no need to change")):
        raise RouteError(f"haproxy refused {command!r}: {answer.splitlines()[0]}")


def slots(backend: str) -> dict[int, Slot] | None:
    """Read a backend's slots from the running worker; None if it has no such backend."""
    answer = ask(f"show servers state {backend}")
    if "Can't find backend" in answer:
        return None
    lines = [line for line in answer.splitlines() if line and line != "1"]
    rows = csv.DictReader(io.StringIO("\n".join(lines).removeprefix("# ")), delimiter=" ")
    return {
        int(row["srv_name"]): Slot(
            host=row["srv_fqdn"],
            weight=int(row["srv_uweight"]),
            in_maintenance=bool(int(row["srv_admin_state"]) & MAINTENANCE),
        )
        for row in rows
    }


def serving(backend: str) -> dict[int, Server] | None:
    """Read the servers a backend sends to now; None if there is no such backend."""
    running = slots(backend)
    if running is None:
        return None
    return {
        number: Server(slot.host, slot.weight)
        for number, slot in running.items()
        if slot.host != IDLE_HOST and not slot.in_maintenance
    }


def statistics(backend: str) -> dict[str, dict[str, str]]:
    rows = csv.DictReader(io.StringIO(ask("show stat").removeprefix("# ")))
    return {row["svname"]: row for row in rows if row["pxname"] == backend}


def is_up(backend: str, number: int, server: Server) -> bool:
    """Tell whether a slot points at the container's present address and its check there has passed."""
    try:
        address = socket.gethostbyname(server.host)
    except OSError:
        return False
    row = statistics(backend).get(str(number), {})
    return (
        row.get("addr") == f"{address}:{PORT}"
        and row.get("check_status") == "L7OK"
        and row.get("status", "").startswith(("UP", "DRAIN"))
    )


def in_flight(backend: str, numbers: list[int]) -> int:
    rows = statistics(backend)
    return sum(int(rows[str(number)]["scur"]) for number in numbers)


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(POLL_SECONDS)
    return True


def check() -> None:
    done = subprocess.run(
        ["haproxy", "-c", "-f", str(CONFIG), "-f", str(SERVICES)], capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RouteError(f"haproxy refuses the configuration: {(done.stderr or done.stdout).strip().splitlines()[0]}")


def reload(loaded: Callable[[], bool]) -> None:
    """Start a new worker on the files as they are now; the old one finishes what it has."""
    check()
    ask("reload", MASTER)

    def is_loaded() -> bool:
        try:
            return loaded()
        except OSError:  # between two workers the socket is nobody's
            return False

    if not wait_until(is_loaded, RELOAD_SECONDS):
        raise RouteError(f"haproxy did not load the new configuration within {RELOAD_SECONDS:.0f} s")
