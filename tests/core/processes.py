"""Looking at processes by their pid."""

from pathlib import Path

from tests.waiting import until


def is_gone(pid: int) -> bool:
    """Whether a process ends within a while."""

    def has_ended() -> bool:
        try:
            state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            return True
        return state in "ZX"

    until(has_ended)
    return True
