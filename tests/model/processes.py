"""Looking at processes by their pid."""

import time
from pathlib import Path


def is_gone(pid: int) -> bool:
    """Whether a process ends within a while."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        if state in "ZX":
            return True
        time.sleep(0.05)
    return False
