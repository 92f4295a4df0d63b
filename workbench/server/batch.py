"""Scores the rows of requests that came together by one call of `run`, for scripts whose answers are a row's own.

What a call costs beside its rows (threads, tensors, the runtime's own bookkeeping) is shared by those that wait in one
turn of the event loop; nobody waits for more to come. One request's failure is never another's: the shared call gets
copies, so whatever a script does to its rows, a request that is asked again alone brings them as they came.
"""

import asyncio
from collections.abc import Callable
from typing import Any, Final, Protocol

Row = dict[str, Any]
Rows = list[Row]
MOST_ROWS: Final = 256
LENGTHS: Final = 2


class Waiter(Protocol):
    """Whoever waits for the answer to their rows: told once, by one of these, unless they say that they are done."""

    def done(self) -> bool: ...

    def set_result(self, result: Any, /) -> None: ...  # noqa: ANN401 - a script answers what it likes

    def set_exception(self, error: Exception, /) -> None: ...


class Batch:
    """`copy` makes a row that shares nothing with the first which a script can change."""

    def __init__(self, run: Callable[[Rows], Any], copy: Callable[[Row], Row] = dict.copy) -> None:
        self._run, self._copy = run, copy
        self._lengths: set[int] = set()  # numbers of rows that got one answer each
        self._splits = False
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
        result = self._together([row for rows, _ in waiting for row in rows])
        begin = 0
        for rows, waiter in waiting:
            if result is None:
                self._alone(rows, waiter)
            elif not waiter.done():
                waiter.set_result(result[begin : begin + len(rows)])
            begin += len(rows)
        return None

    def _together(self, rows: Rows) -> Any:  # noqa: ANN401 - a script answers what it likes
        """One answer for each of the rows, in their order; None if the requests must be asked one by one."""
        if len(rows) > MOST_ROWS or self._splits or len(self._lengths) < LENGTHS:
            return None
        given = list(map(self._copy, rows))
        merged = given.copy()
        try:
            result = self._run(merged)
        except Exception:  # noqa: BLE001 - each is asked alone, and the culprit fails there again
            return None
        # A script that drops or sorts rows in place answers others than it was asked for.
        return result if isinstance(result, list) and len(result) == len(given) and merged == given else None

    def learn(self, rows: Rows) -> None:
        """Ask the script for one of these rows and for three, so that it is known whether each has its own answer."""
        for count in (1, 3):
            asked = [self._copy(rows[number % len(rows)]) for number in range(count)]
            self._hear(count, self._run(asked))

    def _hear(self, asked: int, result: object) -> None:
        """Remember whether that many rows got one answer each.

        `return labels, probabilities` gives two answers for any rows. For two rows no length tells whose they are, so
        requests share calls only once two numbers of rows got as many answers.
        """
        if isinstance(result, list) and len(result) == asked:
            self._lengths |= {asked} - {0}
        else:
            self._splits = True

    def _alone(self, rows: Rows, waiter: Waiter) -> None:
        if waiter.done():
            return
        asked = len(rows)
        try:
            result = self._run(rows)
        except Exception as error:  # noqa: BLE001 - it is raised where the rows came from
            waiter.set_exception(error)
        else:
            self._hear(asked, result)
            waiter.set_result(result)
        finally:
            del waiter, rows  # or this frame, in the error's traceback, holds the future that holds the error
