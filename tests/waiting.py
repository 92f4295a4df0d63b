"""How tests wait: for events. A limit only ends a hang, and grows with how slow the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import cache

REFERENCE_SECONDS = 0.03  # what `_work` takes on a quiet machine of 2026
MARGIN = 4.0  # the machine may become busier after it was measured


@cache
def slowness() -> float:
    """Return how many times longer than the reference this machine takes just now; at least 1, at most 10."""
    took = min(_work() for _ in range(3))
    return min(10.0, max(1.0, took / REFERENCE_SECONDS))


def patience(seconds: float = 60.0) -> float:
    """Return the time-out, in seconds, for what takes less than `seconds` on a quiet machine unless it hangs."""
    return seconds * MARGIN * slowness()


def until(
    condition: Callable[[], object], seconds: float = 60.0, *, pause: float = 0.02, say: Callable[[], str] = str
) -> None:
    """Return when the condition holds.

    Args:
        condition: asked again every `pause` seconds.
        seconds: how long it may take on a quiet machine, see `patience`.
        pause: seconds between two questions.
        say: what to add to the failure, e.g. the log of a process.

    Raises:
        AssertionError: it did not hold in time.

    """
    limit = patience(seconds)
    end = time.monotonic() + limit
    while not condition():
        assert time.monotonic() < end, f"not within {limit:.0f} s {say()}"
        time.sleep(pause)


def _work() -> float:
    began = time.perf_counter()
    sum(number * number for number in range(300_000))
    return time.perf_counter() - began
