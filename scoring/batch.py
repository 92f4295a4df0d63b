"""Scores the rows of requests that came together by one call of `run`, for scripts whose answers are a row's own.

What a call costs beside its rows (threads, tensors, the runtime's own bookkeeping) is shared by those that wait in one
turn of the event loop; nobody waits for more to come. One request's failure is never another's.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

Rows = list[dict[str, Any]]
MOST_ROWS: Final = 256


class Waiter(Protocol):
    """Whoever waits for the answer to their rows: told once, by one of these, unless they say that they are done."""

    def done(self) -> bool: ...

    def set_result(self, result: Any, /) -> None: ...  # noqa: ANN401 - a script answers what it likes

    def set_exception(self, error: Exception, /) -> None: ...


class Batch:
    def __init__(self, run: Callable[[Rows], Any]) -> None:
        self._run = run
        self._waiting: list[tuple[Rows, Waiter]] = []

    async def run(self, rows: Rows) -> Any:  # noqa: ANN401 - a script answers what it likes
        """Answer these rows as `run` would, or raise what it raises."""
        future: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.add(rows, future)
        return await future

    def add(self, rows: Rows, waiter: Waiter) -> None:
        """Answer these rows to `waiter`, soon; what `run` raises is told as well."""
        if not self._waiting:
            asyncio.get_running_loop().call_soon(self._flush)
        self._waiting.append((rows, waiter))

    def _flush(self) -> None:
        waiting, self._waiting = self._waiting, []
        if len(waiting) == 1:
            return self._alone(*waiting[0])
        merged = [row for rows, _ in waiting for row in rows]
        try:
            result = self._run(merged) if len(merged) <= MOST_ROWS else None
        except Exception:  # noqa: BLE001 - each is asked alone, and the culprit fails there again
            result = None
        if not isinstance(result, list) or len(result) != len(merged):
            for rows, waiter in waiting:
                self._alone(rows, waiter)
            return None
        begin = 0
        for rows, waiter in waiting:
            if not waiter.done():
                waiter.set_result(result[begin : begin + len(rows)])
            begin += len(rows)
        return None

    def _alone(self, rows: Rows, waiter: Waiter) -> None:
        if waiter.done():
            return
        try:
            result = self._run(rows)
        except Exception as error:  # noqa: BLE001 - it is raised where the rows came from
            waiter.set_exception(error)
        else:
            waiter.set_result(result)
        finally:
            del waiter, rows  # or this frame, in the error's traceback, holds the future that holds the error
