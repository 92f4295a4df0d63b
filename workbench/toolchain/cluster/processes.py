"""The cluster's programs as processes: started once, known by pid and start time, ended in the reverse order."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

from workbench.toolchain.cache import write_atomically
from workbench.toolchain.cluster.api import wait_until
from workbench.toolchain.daemon import end, end_shims, start_time
from workbench.toolchain.errors import MissingError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from workbench.toolchain.cluster.layout import Layout
    from workbench.toolchain.cluster.programs import Program

_PATHS = "/usr/sbin:/usr/bin:/sbin:/bin"
_START_SECONDS = 90.0
_PATIENCE = 5.0  # the API server would wait longer for who still listens; nothing is lost, etcd keeps all
# A proxy's settings would send the node's own programs through it.
_PROXIES = {"http_proxy", "https_proxy", "all_proxy", "no_proxy"}


class Processes:
    """What runs under a cluster's root; `processes.json` there remembers it."""

    def __init__(self, here: Layout) -> None:
        """Read what earlier calls started."""
        self._here = here
        self._file = here.root / "processes.json"
        try:
            self._known: dict[str, list[int]] = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            self._known = {}

    @property
    def started(self) -> tuple[str, ...]:
        return tuple(self._known)

    def is_alive(self, name: str) -> bool:
        pid, started = self._known.get(name, [0, 0])
        return bool(pid) and start_time(pid) == started

    def dead(self, names: tuple[str, ...]) -> list[str]:
        return [name for name in names if not self.is_alive(name)]

    def start(self, program: Program) -> None:
        """Start it unless it lives."""
        if self.is_alive(program.name):
            return
        environment = {name: value for name, value in os.environ.items() if name.lower() not in _PROXIES}
        self._here.logs.mkdir(parents=True, exist_ok=True)
        with self.log(program.name).open("ab") as output:
            process = subprocess.Popen(
                program.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                cwd="/",
                env={**environment, "PATH": _PATHS},
            )
        self._remember(program.name, [process.pid, start_time(process.pid) or 0])

    def log(self, name: str) -> Path:
        return self._here.logs / f"{name}.log"

    def check(self) -> None:
        """Raise MissingError if one that was started has ended."""
        for name in self.dead(self.started):
            raise MissingError(f"the cluster's {name} ended; read {self.log(name)}")

    def wait(self, condition: Callable[[], bool], what: str) -> None:
        """Wait until it is true. Raises MissingError: it was not in time (`what`), or a program ended."""
        if not wait_until(condition, _START_SECONDS, self.check):
            raise MissingError(f"{what} within {_START_SECONDS:.0f} s; read the logs in {self._here.logs}")

    def stop(self) -> None:
        """End all of them, the last started first, and the containers that outlive their containerd."""
        for pid, started in reversed(self._known.values()):
            end(pid, started, patience=_PATIENCE)
        end_shims({os.fsencode(node.containerd_socket) for node in self._here.nodes()})
        self._known = {}
        self._file.unlink(missing_ok=True)

    def _remember(self, name: str, process: list[int]) -> None:
        self._known.pop(name, None)
        self._known[name] = process
        write_atomically(self._file, json.dumps(self._known, indent=2) + "\n")
