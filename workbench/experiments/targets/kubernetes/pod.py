"""What the container of a run does: waits for its files, runs the script, stays until what that wrote is fetched.

The standard library alone, as it goes along as text: `python3 -c SOURCE`. Both the files and what becomes of them pass
by exec; that the script has ended is told by the last line of the log, behind a mark that nobody else knows.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

BEGIN = Path("/workbench/begin.json")
COLLECTED = Path("/workbench/collected")
STOP_SECONDS = 10
LEAVE_SECONDS = 15
PATIENCE = 600  # nobody may be there any more
_PAUSE = 0.1
_OOM = (Path("/sys/fs/cgroup/memory.events"), Path("/sys/fs/cgroup/memory/memory.oom_control"))
_KILLS = "oom_kill "


class Script:
    """The process group under way, if any, and what ends it."""

    def __init__(self) -> None:
        self.process: subprocess.Popen[bytes] | None = None
        self.late = self.ended = False
        self.deadline = time.monotonic() + PATIENCE

    def run(self, begin: dict) -> int:  # type: ignore[type-arg]  # an old Python may read this
        """The exit code that a shell would give."""
        environment = {**os.environ, **begin["environment"]}
        self.process = subprocess.Popen(
            begin["command"],
            cwd=begin["folder"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            code = self.process.wait(begin["limit"])
        except subprocess.TimeoutExpired:
            self.late = True
            self.stop()
            code = self.process.wait()
        signal.alarm(0)
        self._signal(signal.SIGKILL)  # what it left running
        self.process, self.ended = None, True
        self.deadline = time.monotonic() + PATIENCE
        return code if code >= 0 else 128 - code

    def stop(self, _number: int = 0, _frame: object = None) -> None:
        """Ask it to end, and make it end after a while. Before the script there is nothing to stay for."""
        if self.process:
            self._signal(signal.SIGTERM)
            signal.alarm(STOP_SECONDS)
        elif not self.ended:
            sys.exit(128 + signal.SIGTERM)
        else:  # what it wrote may just be asked for
            self.deadline = min(self.deadline, time.monotonic() + LEAVE_SECONDS)

    def kill(self, _number: int, _frame: object) -> None:
        """End it at once."""
        self._signal(signal.SIGKILL)

    def wait_for(self, path: Path) -> bool:
        """Whether a file came in time."""
        while not path.exists():
            if time.monotonic() > self.deadline:
                return False
            time.sleep(_PAUSE)
        return True

    def _signal(self, number: int) -> None:
        try:
            if self.process:
                os.killpg(self.process.pid, number)
        except ProcessLookupError:
            pass


def main() -> int:
    """Run; the script's exit code."""
    script = Script()
    signal.signal(signal.SIGTERM, script.stop)
    signal.signal(signal.SIGALRM, script.kill)
    if not script.wait_for(BEGIN):
        print("nobody sent this run its files", flush=True)
        return 1
    begin = json.loads(BEGIN.read_text(encoding="utf-8"))
    began = time.monotonic()
    code = script.run(begin)
    seconds = round(time.monotonic() - began, 3)
    memory = bool(code) and _was_killed_for_memory()
    ended = {"code": code, "seconds": seconds, "late": script.late, "memory": memory}
    os.write(1, (begin["mark"] + json.dumps(ended) + "\n").encode())
    script.wait_for(COLLECTED)
    return code


def _was_killed_for_memory() -> bool:
    lines = [line for path in _OOM if path.exists() for line in path.read_text(encoding="ascii").splitlines()]
    return any(line.startswith(_KILLS) and int(line.split()[1]) for line in lines)


if __name__ == "__main__":
    sys.exit(main())
