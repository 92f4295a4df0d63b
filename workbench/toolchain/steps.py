"""A tiny runner of steps that need each other: what can overlap does, the first failure stops what has not begun.

Owns order, threads and the lines for people. What a step does is its own business.
"""

from __future__ import annotations

import time
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from enum import Enum
from graphlib import TopologicalSorter
from typing import TYPE_CHECKING

from workbench.toolchain.errors import StepsError, ToolchainError
from workbench.toolchain.machine import GIB, cores, memory_bytes
from workbench.toolchain.process import Log, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

ALIVE_SECONDS = 30.0


class Outcome(Enum):
    """What a step did; the value is what people read."""

    CHANGED = "done"
    REUSED = "reused"
    CHECKED = "checked"


@dataclass(frozen=True)
class Step:
    """A named piece of work; `run` tells what it did, and raises to fail."""

    name: str
    needs: tuple[str, ...]
    run: Callable[[Log], Outcome]


@dataclass(frozen=True)
class Report:
    """What each step did, by name, in the order of their ends."""

    outcomes: dict[str, Outcome]

    @property
    def changed(self) -> list[str]:
        return [name for name, outcome in self.outcomes.items() if outcome is Outcome.CHANGED]


@dataclass
class _Progress:
    started: dict[Future[Outcome], tuple[Step, float, Log]] = field(default_factory=dict)
    outcomes: dict[str, Outcome] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


def parallel_steps() -> int:
    """Return how many steps may run at once: they mostly wait for programs, each of which may want 2 GiB."""
    return max(2, min(cores() + 2, memory_bytes() // (2 * GIB)))


def run_steps(steps: Sequence[Step], logs: Path, *, alive_seconds: float = ALIVE_SECONDS) -> Report:
    """Run all steps, each after those it needs; `logs` gets a file a step.

    Raises:
        StepsError: a step failed; the others that had begun were let to end, no more were begun.
        ValueError: a need names no step of `steps`, or steps need each other in a circle.

    """
    by_name = {step.name: step for step in steps}
    unknown = {need for step in steps for need in step.needs} - by_name.keys()
    if unknown:
        raise ValueError(f"steps need what is not there: {', '.join(sorted(unknown))}")
    order = TopologicalSorter({step.name: step.needs for step in steps})
    order.prepare()
    progress = _Progress()
    with ThreadPoolExecutor(max_workers=parallel_steps()) as pool:
        while order.is_active():
            if not progress.failed:
                for name in order.get_ready():
                    step, log = by_name[name], Log(name, logs / f"{name.replace(' ', '-')}.log")
                    progress.started[pool.submit(_run, step, log)] = (step, time.monotonic(), log)
            if not progress.started:
                break
            done, _ = wait(progress.started, timeout=alive_seconds, return_when=FIRST_COMPLETED)
            if not done:
                _tell_alive(progress)
            for future in done:
                step, *_ = progress.started.pop(future)
                _collect(progress, step, future)
                order.done(step.name)
    if progress.failed:
        raise StepsError(f"{' and '.join(progress.failed)} failed; repair it and run the same command again")
    return Report(progress.outcomes)


def outcome(changed: bool) -> Outcome:
    """Translate what the ensure functions return."""
    return Outcome.CHANGED if changed else Outcome.REUSED


def _run(step: Step, log: Log) -> Outcome:
    begin = time.monotonic()
    log.say("starts")
    result = step.run(log)
    log.say(f"{result.value} in {time.monotonic() - begin:.1f} s")
    return result


def _collect(progress: _Progress, step: Step, future: Future[Outcome]) -> None:
    try:
        progress.outcomes[step.name] = future.result()
    except (ToolchainError, OSError) as error:
        progress.failed.append(step.name)
        say(f"[{step.name}] failed: {error}")


def _tell_alive(progress: _Progress) -> None:
    now = time.monotonic()
    running = [
        f"{step.name} ({now - begin:.0f} s{', ' if log.progress else ''}{log.progress})"
        for step, begin, log in progress.started.values()
    ]
    say(f"still working: {', '.join(running)}")
