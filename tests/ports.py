"""Ports for what a test starts."""

from __future__ import annotations

import os
import random
from itertools import islice

from workbench.core.ports import is_free

# Below those that the kernel hands out, since one of its own may be on either end of anybody's connection by the time
# that a server binds it. A cluster of ours takes some of 17,000 to 20,000, nodes' own begin at 30,000.
FIRST, RANGES, SPAN = 20_000, 4, 2_500
_GIVEN: set[int] = set()


def free_ports(count: int) -> list[int]:
    """Ports of loopback that nothing listens on; each once, each worker from a range of its own."""
    worker = int(os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw"))
    first = FIRST + SPAN * (worker % RANGES)
    span = range(first, first + SPAN)
    free = (port for port in random.sample(span, len(span)) if port not in _GIVEN and is_free(port))
    found = list(islice(free, count))
    assert len(found) == count, f"no {count} of the ports {first} to {first + SPAN - 1} are free"
    _GIVEN.update(found)
    return found


def free_port() -> int:
    return free_ports(1)[0]
