"""A process that we started: who it is for certain, whether it lives, how it is ended.

A pid is known together with its start time, so that no stranger with a recycled pid is ever ended.
"""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

_STOP_SECONDS = 60.0
_KILL_SECONDS = 5.0


@dataclass(frozen=True)
class Daemon:
    """A dockerd that we started; `started` is its start time in clock ticks since boot (/proc/<pid>/stat, field 22)."""

    pid: int
    started: int
    data: str
    runtime: str

    @property
    def host(self) -> str:
        return f"unix://{self.runtime}/docker.sock"

    def is_alive(self) -> bool:
        return start_time(self.pid) == self.started


def start_time(pid: int) -> int | None:
    """Return when a process started in clock ticks since boot, or None if there is no such process."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8")
    except (FileNotFoundError, ProcessLookupError):
        return None
    # The second field is the program's name in brackets and may hold anything, even brackets.
    fields = stat.rpartition(")")[2].split()
    return None if fields[0] == "Z" else int(fields[19])


def end_children(runtime: Path) -> None:
    """End a containerd that outlived its dockerd, known by its configuration file under `runtime`."""
    configuration = os.fsencode(runtime / "exec/containerd/containerd.toml")
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if configuration in (process / "cmdline").read_bytes().split(b"\0"):
                end(int(process.name), start_time(int(process.name)))
        except (FileNotFoundError, ProcessLookupError):
            continue


def stop(daemon: Daemon) -> None:
    """End our dockerd and its containerd; return when they are gone."""
    end(daemon.pid, daemon.started)
    end_children(Path(daemon.runtime))


def end(pid: int, started: int | None) -> None:
    """End the process `pid` if it is still the one that started at `started`, asking first."""
    for number, seconds in ((signal.SIGTERM, _STOP_SECONDS), (signal.SIGKILL, _KILL_SECONDS)):
        if started is None or start_time(pid) != started:
            return
        os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while start_time(pid) == started and time.monotonic() < deadline:
            time.sleep(0.1)
