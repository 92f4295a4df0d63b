"""The standard output that several workers write to: what one of them writes at once stays in one piece.

The kernel promises that for 4 KiB of a pipe. Lines of many requests, or a traceback, are more, and a pipe that its
reader left to fill would get halves of lines from each.
"""

import fcntl
import io
import sys
from pathlib import Path
from typing import Any, Final

# The most that is written under one lock: the buffer's size, beyond which what waits is written as it comes.
AT_ONCE: Final = 1024 * 1024


class Locked(io.FileIO):
    """Waits for its turn at each write, by a lock on a file that all writers share."""

    def __init__(self, descriptor: int, lock: Path) -> None:
        super().__init__(descriptor, "w", closefd=False)
        self._lock = lock.open("w")

    def write(self, content: Any) -> int:  # noqa: ANN401 - any buffer, which has no name before Python 3.12
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            return super().write(content)
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def close(self) -> None:
        self._lock.close()
        super().close()


def share(lock: Path) -> None:
    """Make `sys.stdout` one that waits for its turn with all others that share `lock`."""
    sys.stdout.flush()
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(Locked(sys.stdout.fileno(), lock), AT_ONCE), encoding="utf-8", line_buffering=True
    )
