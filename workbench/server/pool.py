"""The threads that score, and how many requests may be in the server at once.

Scoring never runs on the event loop, so that health is answered meanwhile.
"""

import asyncio
import contextvars
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

from workbench.server.errors import Code, RequestError

T = TypeVar("T")


class Pool:
    def __init__(self, threads: int, concurrency: int) -> None:
        self._executor = ThreadPoolExecutor(threads, thread_name_prefix="scoring")
        self._concurrency = concurrency
        self._admitted = 0
        self._unfinished: set[Future[Any]] = set()
        self._place = Place(self)

    def place(self) -> "Place":
        """Hold a place for one request, from its body to its answer; raises RequestError (503) when all are taken."""
        return self._place

    def enter(self) -> None:
        """Take a place; raises RequestError (503) when there is none."""
        if self._admitted >= self._concurrency:
            text = f"{self._concurrency} requests are being scored; try again"
            raise RequestError(Code.OVERLOADED, text, {"retry-after": "1"})
        self._admitted += 1

    def leave(self) -> None:
        self._admitted -= 1

    async def run(self, function: Callable[..., T], *arguments: object) -> T:
        """Compute the function's value in a thread that logs under this request's id."""
        context = contextvars.copy_context()
        future = self._executor.submit(context.run, function, *arguments)
        self._unfinished.add(future)
        future.add_done_callback(self._unfinished.discard)
        waiting = asyncio.wrap_future(future)
        del future, arguments  # or this frame, in an error's traceback, holds the future that holds the error
        return await waiting

    @property
    def unfinished(self) -> int:
        """Calls that still run or wait, also those that nobody awaits any more."""
        return len(self._unfinished)

    def close(self) -> None:
        self._executor.shutdown(wait=False, cancel_futures=True)


class Place:
    """A request's place in a pool, as a context; the same object for all, since it keeps nothing."""

    def __init__(self, pool: Pool) -> None:
        self._pool = pool

    def __enter__(self) -> None:
        self._pool.enter()

    def __exit__(self, *_: object) -> None:
        self._pool.leave()
