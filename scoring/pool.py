"""The threads that score, and how many requests may be in the server at once.

Scoring never runs on the event loop, so that health is answered meanwhile.
"""

import asyncio
import contextvars
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, TypeVar

from scoring.errors import Code, RequestError

T = TypeVar("T")


class Pool:
    def __init__(self, threads: int, concurrency: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="scoring")
        self._concurrency = concurrency
        self._admitted = 0
        self._unfinished: set[Future[Any]] = set()

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold a place for one request, from its body to its answer; raises RequestError (503) when all are taken."""
        if self._admitted >= self._concurrency:
            raise RequestError(
                Code.OVERLOADED, f"{self._concurrency} requests are being scored; try again", {"retry-after": "1"}
            )
        self._admitted += 1
        try:
            yield
        finally:
            self._admitted -= 1

    async def run(self, function: Callable[..., T], *arguments: object) -> T:
        """Compute the function's value in a thread that logs under this request's id."""
        context = contextvars.copy_context()
        future = self._executor.submit(context.run, function, *arguments)
        self._unfinished.add(future)
        future.add_done_callback(self._unfinished.discard)
        return await asyncio.wrap_future(future)

    @property
    def unfinished(self) -> int:
        """Calls that still run or wait, also those that nobody awaits any more."""
        return len(self._unfinished)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)
