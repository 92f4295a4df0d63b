"""What this machine is: its kind in Go's words, its memory, its cores. Facts only."""

from __future__ import annotations

import os
import platform

from workbench.toolchain.errors import MissingError

GIB = 1 << 30
_KINDS = {"x86_64": "amd64", "aarch64": "arm64"}


def go_architecture(kind: str = platform.machine()) -> str:
    """Return Go's word for this machine.

    Raises:
        MissingError: nothing is pinned for it.

    """
    try:
        return _KINDS[kind]
    except KeyError:
        raise MissingError(f"no engines are pinned for {kind}; use an x86_64 or aarch64 machine") from None


def cores() -> int:
    return os.cpu_count() or 1


def memory_bytes() -> int:
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
