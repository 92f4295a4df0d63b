"""How many cores this container really has: what it may run on, and what its control group pays for.

It counts; how many workers that makes is for the settings.
"""

import os
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

CGROUPS: Final = Path("/sys/fs/cgroup")
MEMBERSHIP: Final = Path("/proc/self/cgroup")
# The first version of cgroups keeps each controller in a folder of its own, named by distributions in two ways.
FIRST_VERSION: Final = ("cpu", "cpu,cpuacct")


def count() -> int:
    """Whole cores, at least 1: a quota of 2.5 is 2, since a third worker would make all three wait for each other."""
    available = len(os.sched_getaffinity(0))
    bought = quota(CGROUPS, _read(MEMBERSHIP) or "")
    return available if bought is None else max(1, min(available, int(bought)))


def quota(cgroups: Path, membership: str) -> float | None:
    """Return the smallest quota in cores of all groups this process is in; None if there is none.

    `membership` is what /proc/self/cgroup says. In a namespace of its own a container sees itself at the root; else
    its group lies below, or the root is mounted from its group, so that the path leads nowhere: all levels are asked.
    """
    found = [each for folder in _groups(cgroups, membership) if (each := _quota(folder)) is not None]
    return min(found, default=None)


def _groups(cgroups: Path, membership: str) -> Iterator[Path]:
    for line in membership.splitlines():
        _, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        if controllers and "cpu" not in controllers.split(","):
            continue
        roots = [cgroups / name for name in FIRST_VERSION] if controllers else [cgroups]
        levels = PurePosixPath(path.lstrip("/"))
        for root in roots:
            yield from (root / level for level in (levels, *levels.parents))


def _quota(folder: Path) -> float | None:
    second = (_read(folder / "cpu.max") or "").split()
    first = [_read(folder / "cpu.cfs_quota_us"), _read(folder / "cpu.cfs_period_us")]
    for pair in (second, first):
        match pair:
            case [str(time), str(period)] if time.strip().isdigit() and period.strip().isdigit() and int(period):
                return int(time) / int(period)
    return None


def _read(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8")
    except OSError:
        return None
