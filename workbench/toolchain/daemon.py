"""A process that we started: who it is for certain, whether it lives, how it is ended.

A pid is known together with its start time, so that no stranger with a recycled pid is ever ended.
"""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
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


def end_orphans(runtime: Path) -> None:
    """Kill what outlived a dockerd that crashed: its containerd, and the shims with the containers under them.

    They are known by the paths under `runtime` that they were started with. dockerd finds the containers ended and
    starts them again by their restart policy; were they alive, it would end them and leave them so.
    """
    containerd = runtime / "exec" / "containerd"
    end_shims({os.fsencode(containerd / "containerd.toml"), os.fsencode(containerd / "containerd.sock")})


def end_shims(ours: set[bytes]) -> None:
    """Kill the processes that have one of `ours` among their arguments, each after its children."""
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(FileNotFoundError, ProcessLookupError):
            if ours.intersection((process / "cmdline").read_bytes().split(b"\0")):
                children = [
                    int(child) for task in process.glob("task/*/children") for child in task.read_text().split()
                ]
                for pid in (*children, int(process.name)):
                    end(pid, start_time(pid), patience=0)


def stop(daemon: Daemon) -> None:
    """End our dockerd and its containerd; return when they are gone."""
    end(daemon.pid, daemon.started)
    end_orphans(Path(daemon.runtime))


def end(pid: int, started: int | None, patience: float = _STOP_SECONDS) -> None:
    """End the process `pid` if it is the one that started at `started`; ask, and kill after `patience` seconds."""
    asked = [(signal.SIGTERM, patience)] if patience else []
    for number, seconds in (*asked, (signal.SIGKILL, _KILL_SECONDS)):
        if started is None or start_time(pid) != started:
            return
        with suppress(ProcessLookupError):
            os.kill(pid, number)
        deadline = time.monotonic() + seconds
        while start_time(pid) == started and time.monotonic() < deadline:
            time.sleep(0.1)
