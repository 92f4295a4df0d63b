"""Processes that write to one registry at the same time, and the harm that is done to them. Shared by stores' tests."""

import os
import random
import select
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field

from tests.tree import TREE
from tests.waiting import patience

_REGISTER = """
import sys
from workbench.registry.models.registry import ModelRegistry
writer, count, same = sys.argv[1], int(sys.argv[2]), sys.argv[3] == "same"
sys.stdin.read(1)  # all writers wait here and start together
for index in range(count):
    content = "same" if same else f"{writer}.{index}"
    files = {"model.onnx": content.encode() * 1000, "deep/notes.txt": content.encode()}
    version = ModelRegistry().register("churn", files, run_id=content, metrics={})
    print(version.version, content, flush=True)
"""
_TAG = """
import sys
from workbench.registry.models.registry import ModelRegistry
sys.stdin.read(1)
ModelRegistry().tag("churn", 1, {sys.argv[1]: "set"})
"""
_RUN = """
import sys, time
from workbench.experiments.runs.run_record import Run
run = Run.start("churn", {})
run.log("fitting")
print(run.id, flush=True)
time.sleep(600)
"""


@dataclass
class Writers:
    """Processes with `environment` on top of this one's. `told` has the number that each content got, as they said."""

    environment: dict[str, str]
    processes: list[subprocess.Popen[str]] = field(default_factory=list)
    told: dict[str, int] = field(default_factory=dict)

    def register(self, writers: int, each: int, *, same: bool = False) -> None:
        """Start processes that wait, and let them go together."""
        self._start(_REGISTER, [[f"writer{index}", str(each), "same" if same else "own"] for index in range(writers)])

    def tag(self, keys: list[str]) -> None:
        """A process for each key, which sets it on churn:1."""
        self._start(_TAG, [[key] for key in keys])

    def begin_run(self) -> str:
        """A process with a run that goes on; the run's id."""
        process = self._open(_RUN, [])
        assert process.stdout
        return process.stdout.readline().strip()

    def hear(self) -> None:
        """Wait for the first word of any of them."""
        heard, _, _ = select.select([process.stdout for process in self.processes if process.stdout], [], [], 300)
        assert heard

    def kill(self, count: int, seconds: float, seed: int) -> None:
        """Kill as many, each at a random moment within so many seconds from now."""
        chance = random.Random(seed)  # noqa: S311 - moments, no secrets
        moments = sorted(chance.uniform(0, seconds) for _ in range(count))
        began = time.monotonic()
        for moment, process in zip(moments, chance.sample(self.processes, count), strict=True):
            time.sleep(max(0.0, began + moment - time.monotonic()))
            process.send_signal(signal.SIGKILL)

    def wait(self) -> list[int]:
        """Wait for all, take in what they told, and give their exit codes."""
        for process in self.processes:
            out, _ = process.communicate(timeout=patience(300))
            for line in out.splitlines():
                number, content = line.split()
                self.told[content] = int(number)
        return [process.returncode for process in self.processes]

    def end(self) -> None:
        """End what still runs."""
        for process in self.processes:
            if process.poll() is None:
                process.kill()
                process.communicate()

    def _start(self, program: str, arguments: list[list[str]]) -> None:
        started = [self._open(program, each) for each in arguments]
        for process in started:
            assert process.stdin
            process.stdin.write("!")
            process.stdin.flush()

    def _open(self, program: str, arguments: list[str]) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", program, *arguments],
            cwd=TREE,
            env={**os.environ, **self.environment},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self.processes.append(process)
        return process
