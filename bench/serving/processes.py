"""Processes by pid: a tree of them, what it weighs, and its end. Knows no server."""

import contextlib
import os
import re
import signal
import socket
import subprocess
from pathlib import Path

_ENDS_WITHIN_SECONDS = 20
_PSS = re.compile(r"^Pss:\s+(\d+) kB", re.MULTILINE)


def free_ports(count: int) -> list[int]:
    """As many ports of loopback as nobody listens on now, all different."""
    with contextlib.ExitStack() as stack:
        taken = [stack.enter_context(socket.socket()) for _ in range(count)]
        for each in taken:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in taken]


def tree(pid: int) -> list[int]:
    """A process and all that it started and that still run."""
    children: list[int] = []
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            children += map(int, path.read_text(encoding="ascii").split())
    return [pid, *(each for child in children for each in tree(child))]


def memory_mib(pid: int) -> float:
    """The proportional set size of a process's tree: what its processes share counts once."""
    return sum(_pss_kib(each) for each in tree(pid)) / 1024


def cpu_seconds(pid: int) -> float:
    """What a process's tree has computed so far, in the program and in the kernel for it."""
    return sum(map(_cpu_ticks, tree(pid))) / os.sysconf("SC_CLK_TCK")


def core_seconds(core: int) -> float:
    """How long a core has been computing for anybody, other guests of the host too."""
    line = re.search(rf"^cpu{core} (.*)$", Path("/proc/stat").read_text(encoding="ascii"), re.MULTILINE)
    # user, nice, system, idle, waiting, interrupts (two kinds), stolen by the host
    ticks = [int(each) for each in line.group(1).split()[:8]] if line else 8 * [0]
    return (sum(ticks) - ticks[3] - ticks[4]) / os.sysconf("SC_CLK_TCK")


def end(process: subprocess.Popen[bytes], within_seconds: float = _ENDS_WITHIN_SECONDS) -> None:
    """Ask a process to end, wait, and kill what is left of its tree."""
    with contextlib.ExitStack() as stack:
        handles: list[int] = []
        for pid in tree(process.pid):
            with contextlib.suppress(ProcessLookupError):
                # Unlike a number, it never comes to mean another process.
                handle = os.pidfd_open(pid)
                stack.callback(os.close, handle)
                handles.append(handle)
        process.terminate()
        try:
            process.wait(within_seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        for handle in handles:
            with contextlib.suppress(ProcessLookupError):
                signal.pidfd_send_signal(handle, signal.SIGKILL)


def _cpu_ticks(pid: int) -> int:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        # The second field is the program's name, in brackets, and may hold anything.
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        return int(fields[11]) + int(fields[12])
    return 0


def _pss_kib(pid: int) -> int:
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):
        if found := _PSS.search(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")):
            return int(found.group(1))
    return 0
