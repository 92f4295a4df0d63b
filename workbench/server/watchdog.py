"""Which workers have hung: those that told of themselves every second and do so no more.

It counts looks, not seconds: where a whole container stands still for a while, nobody was looking either.
"""

from typing import Final

# A second each; longer than the largest body holds up a healthy worker.
MOST_LOOKS: Final = 30


class Watchdog:
    def __init__(self) -> None:
        self._looks: dict[int, int] = {}

    def heard(self, number: int) -> None:
        """A worker told of itself; it is watched from its first time on."""
        self._looks[number] = 0

    def forget(self, number: int) -> None:
        self._looks.pop(number, None)

    def look(self) -> list[int]:
        """Count one more look at all; gives those that were silent for too many, each once."""
        for number in self._looks:
            self._looks[number] += 1
        hung = [number for number, looks in self._looks.items() if looks > MOST_LOOKS]
        for number in hung:
            self.forget(number)
        return hung
