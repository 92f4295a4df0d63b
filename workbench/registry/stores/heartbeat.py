"""Telling a run that goes on from one whose process or machine is gone. Writes no record.

On the same machine the process itself is looked at. From elsewhere only the age of its last beat tells.
"""

import contextlib
import os
import socket
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

BEAT_SECONDS = 15.0
LOST_SECONDS = 90.0
_GONE = frozenset("ZXx")


def identity() -> dict[str, Any]:
    """Who this process is: host for people; boot, space, pid and its start (ticks since boot) for the machine."""
    pid = os.getpid()
    return {"host": socket.gethostname(), "boot": _boot(), "space": _space(), "pid": pid, "started": _started(pid)}


def lives(writer: Mapping[str, Any], age: Callable[[], float | None]) -> bool:
    """Whether the process that `writer` identifies is alive, as far as this machine can tell.

    `age` gives the seconds since its last beat, and is asked only when the process is out of sight.
    """
    if _boot() and (writer.get("boot"), writer.get("space")) == (_boot(), _space()):
        pid, started = writer.get("pid"), writer.get("started")
        return isinstance(pid, int) and started is not None and started == _started(pid)
    seconds = age()
    return seconds is not None and seconds < LOST_SECONDS


class Heartbeat:
    """Calls `beat` at once and then every BEAT_SECONDS until `stop`, in a thread that ends with the process."""

    def __init__(self, beat: Callable[[], None]) -> None:
        self._ended = threading.Event()
        self._thread = threading.Thread(target=_beat, args=(beat, self._ended), name="heartbeat", daemon=True)
        self._thread.start()

    def quit(self) -> None:
        """Beat no more; does not wait."""
        self._ended.set()

    def stop(self) -> None:
        """Beat no more, and wait for a beat that is under way."""
        self.quit()
        self._thread.join()


def _beat(beat: Callable[[], None], ended: threading.Event) -> None:
    while True:
        with contextlib.suppress(Exception):  # one beat missed, whatever the reason, is made good by the next
            beat()
        if ended.wait(BEAT_SECONDS):
            return


def _boot() -> str:
    """What the kernel calls this boot of the machine; empty where there is no such thing."""
    with contextlib.suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _space() -> str:
    """The space in which this process's pid counts: containers of one machine have their own."""
    with contextlib.suppress(OSError):
        return str(Path("/proc/self/ns/pid").readlink())
    return ""


def _started(pid: int) -> int | None:
    """When the process started, in ticks since boot; None when it has ended. Pids are used again, this pair is not."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    state, *fields = stat.rpartition(")")[2].split()
    return None if state in _GONE else int(fields[18])
