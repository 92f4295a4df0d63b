"""Installing Debian packages on this machine, which only root may do."""

from __future__ import annotations

import os
import subprocess
import threading
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain.errors import CommandError, MissingError
from workbench.toolchain.process import Log

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_POLICY = Path("/usr/sbin/policy-rc.d")
_SYSTEMD = Path("/run/systemd/system")
_ONE_AT_A_TIME = threading.Lock()


def is_root() -> bool:
    return os.geteuid() == 0


def missing_packages(packages: Sequence[str]) -> list[str]:
    """Return those of `packages` that are not installed."""
    return [package for package in packages if not _installed(package)]


def ensure_packages(log: Log, packages: Sequence[str], purpose: str) -> bool:
    """Install what is missing; return whether anything was. `purpose` is named to whom has to do it by hand.

    Raises:
        MissingError: we are not root, or apt cannot.

    """
    missing = missing_packages(packages)
    if not missing:
        return False
    command = f"apt-get install --no-install-recommends {' '.join(missing)}"
    if not is_root():
        raise MissingError(f"{purpose} needs {' '.join(missing)}, and only root may install it; run `sudo {command}`")
    extra = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
    options = ["--yes", "--no-install-recommends", "--option", "DPkg::Lock::Timeout=120"]
    try:
        with _ONE_AT_A_TIME, _services_left_alone():
            log.say(f"installing {' '.join(missing)}")
            log.run(["apt-get", "update"], extra=extra)
            log.run(["apt-get", "install", *options, *missing], extra=extra)
    except CommandError as error:
        raise MissingError(f"{purpose} needs {' '.join(missing)}: {error}; try `{command}`") from error
    return True


def _installed(package: str) -> bool:
    query = ["dpkg-query", "--show", "--showformat", "${db:Status-Status}", package]
    done = subprocess.run(query, capture_output=True, text=True, check=False)
    return done.stdout == "installed"


@contextmanager
def _services_left_alone() -> Iterator[None]:
    """Keep packages from starting services where no service manager would look after them."""
    if _SYSTEMD.is_dir() or _POLICY.exists():
        yield
        return
    _POLICY.write_text("#!/bin/sh\nexit 101\n", encoding="utf-8")
    _POLICY.chmod(0o755)
    try:
        yield
    finally:
        _POLICY.unlink(missing_ok=True)
