"""A command with its seconds and the memory of all processes that it started."""

from __future__ import annotations

import os
import subprocess
import threading
import time
from dataclasses import dataclass
from pathlib import Path

_EVERY = 0.25
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Measured:
    """`memory` is the most, in MiB, that its processes had together at one time."""

    seconds: float
    memory: int


def run(command: list[str], folder: Path, environment: dict[str, str]) -> Measured:
    """Run it to its end. Raises RuntimeError with its last words if it fails."""
    began, most, over = time.monotonic(), 0, threading.Event()
    with subprocess.Popen(
        command,
        cwd=folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:

        def watch() -> None:
            nonlocal most
            while not over.wait(_EVERY):
                most = max(most, _pages(process.pid))

        watcher = threading.Thread(target=watch)
        watcher.start()
        said, _ = process.communicate()
        over.set()
        watcher.join()
    if process.returncode:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {said.decode()[-4000:]}")
    return Measured(time.monotonic() - began, most * _PAGE >> 20)


def _pages(session: int) -> int:
    """Return the resident pages of a session's processes."""
    total = 0
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
        except OSError:  # it has just ended
            continue
        total += int(fields[21]) if int(fields[3]) == session else 0
    return total
