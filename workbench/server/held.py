"""What connections that have shown no key make a process keep in requests that nobody answers yet, all together.

The one that holds most is ended when it becomes too much. So a connection that holds less than its share of
`MOST_HELD_BYTES` (8 KiB of each of 4,096) is never ended, whatever the others send.
"""

import asyncio
from typing import Final, Protocol

from workbench.server import memory

MOST_HELD_BYTES: Final = 32 * 1024 * 1024
TRIM_SECONDS: Final = 1.0


class Holder(Protocol):
    transport: asyncio.Transport


class Held:
    """The bytes that connections hold; `size` is their sum."""

    def __init__(self) -> None:
        self.size = 0
        self._sizes: dict[Holder, int] = {}
        self._trimming: asyncio.TimerHandle | None = None

    def hold(self, holder: Holder, size: int) -> None:
        """Remember how much a connection holds now; end those that hold most until the rest is within the bound."""
        self.size += size - self._sizes.pop(holder, 0)
        if size:
            self._sizes[holder] = size
        while self.size > MOST_HELD_BYTES:
            largest = max(self._sizes, key=self._sizes.__getitem__)
            self.size -= self._sizes.pop(largest)
            largest.transport.abort()
            if self._trimming is None:  # the C library would keep what the ended ones held
                self._trimming = asyncio.get_running_loop().call_later(TRIM_SECONDS, self._trim)

    def _trim(self) -> None:
        self._trimming = None
        memory.give_back()
