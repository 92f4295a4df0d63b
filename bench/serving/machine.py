"""What a result depends on beside the servers: processor, system, tools, and how busy the machine was. No names."""

import os
import platform
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

from bench.serving.errors import BenchError

_TOOLS = {"wrk": "wrk", "taskset": "util-linux"}
_CORES = 2


def check() -> None:
    """Raise BenchError unless this machine can measure."""
    for tool, package in _TOOLS.items():
        if not shutil.which(tool):
            raise BenchError(f"{tool} is not on PATH, the load needs it; run: sudo apt-get install {package}")
    if len(os.sched_getaffinity(0)) < _CORES:
        raise BenchError("one core is not enough: a server and its load take one each; use a machine with two")


def facts() -> dict[str, Any]:
    """Cores, processor, memory, system, tools and the load averages of now."""
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "processor": _first("/proc/cpuinfo", r"^model name\s*:\s*(.+)$"),
        "memory_gib": round(memory / 2**30, 1),
        "system": _first("/etc/os-release", r'^PRETTY_NAME="?([^"\n]+)'),
        "python": platform.python_version(),
        "wrk": _wrk(),
        "load_averages_before": [round(each, 2) for each in os.getloadavg()],
    }


def _first(path: str, pattern: str) -> str:
    found = re.search(pattern, Path(path).read_text(encoding="utf-8"), re.MULTILINE)
    return found.group(1).strip() if found else "unknown"


def _wrk() -> str:
    # wrk tells its version and then fails, as it was given no URL.
    told = subprocess.run(["wrk", "--version"], capture_output=True, text=True, check=False)
    found = re.search(r"^wrk (\S+)", told.stdout + told.stderr)
    return found.group(1) if found else "unknown"
