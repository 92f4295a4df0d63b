"""Fetching one Go module through the user's own proxy settings."""

from __future__ import annotations

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True)
class Module:
    """An unpacked module and its h1 digest; Go has checked it against go.sum where `cwd` had one."""

    folder: Path
    digest: str


def download_module(go: Path, module: str, cwd: Path, settings: Mapping[str, str]) -> Module:
    """Fetch `module` (a path that the go.mod in `cwd` requires, or path@version outside any module).

    Raises:
        MissingError: no proxy serves it, or what it serves is not what go.sum says.

    """
    done = subprocess.run(
        [str(go), "mod", "download", "-json", module],
        cwd=cwd,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        check=False,
    )
    answer = json.loads(done.stdout) if done.stdout.startswith("{") else {}
    if done.returncode != 0 or "Dir" not in answer:
        reason = " ".join((answer.get("Error") or done.stderr).split())
        raise MissingError(f"{module} cannot be fetched: {reason}; set GOPROXY to a Go module proxy in reach")
    return Module(Path(answer["Dir"]), answer["Sum"])
