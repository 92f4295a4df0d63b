"""Scores the rows of requests that came together by one call of `run`, for scripts whose answers are a row's own.

What a call costs beside its rows (threads, tensors, the runtime's own bookkeeping) is shared by those that wait in one
turn of the event loop; nobody waits for more to come. One request's failure is never another's.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final

Rows = list[dict[str, Any]]
MOST_ROWS: Final = 256


class Batch:
    def __init__(self, run: Callable[[Rows], Any]) -> None:
        self._run = run
        self._waiting: list[tuple[Rows, asyncio.Future[Any]]] = []

    async def run(self, rows: Rows) -> Any:  # noqa: ANN401 - a script answers what it likes
        """Answer these rows as `run` would, or raise what it raises."""
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Any] = loop.create_future()
        if not self._waiting:
            loop.call_soon(self._flush)
        self._waiting.append((rows, future))
        return await future

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
            for rows, future in waiting:
                self._alone(rows, future)
            return None
        begin = 0
        for rows, future in waiting:
            if not future.done():
                future.set_result(result[begin : begin + len(rows)])
            begin += len(rows)
        return None

    def _alone(self, rows: Rows, future: asyncio.Future[Any]) -> None:
        if future.done():
            return
        try:
            future.set_result(self._run(rows))
        except Exception as error:  # noqa: BLE001 - it is raised where the rows came from
            future.set_exception(error)
        finally:
            del future, rows  # or this frame, in the error's traceback, holds the future that holds the error
