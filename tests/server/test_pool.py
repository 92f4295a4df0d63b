import asyncio
import threading
from collections.abc import Iterator

import pytest

from workbench.server import logs
from workbench.server.errors import Code, RequestError
from workbench.server.pool import Pool


@pytest.fixture
def small() -> Iterator[Pool]:
    pool = Pool(threads=1, concurrency=2)
    yield pool
    pool.close()


def test_a_place_too_many_is_refused_and_says_when_to_come_back(small: Pool) -> None:
    with small.place(), small.place(), pytest.raises(RequestError) as refused, small.place():
        pass
    assert refused.value.code is Code.OVERLOADED
    assert refused.value.headers == {"retry-after": "1"}
    with small.place():
        pass


def test_a_place_is_free_again_after_a_failure(small: Pool) -> None:
    for _ in range(3):
        with pytest.raises(ZeroDivisionError), small.place():
            raise ZeroDivisionError


def test_no_more_calls_run_at_once_than_there_are_threads(small: Pool) -> None:
    running, most = 0, 0

    def call() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        threading.Event().wait(0.01)
        running -= 1

    async def calls() -> None:
        await asyncio.gather(*(small.run(call) for _ in range(5)))

    asyncio.run(calls())
    assert most == 1


def test_a_call_that_nobody_awaits_any_more_is_still_unfinished(small: Pool) -> None:
    goes_on = threading.Event()

    async def give_up() -> None:
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(small.run(goes_on.wait), 0.05)

    asyncio.run(give_up())
    assert small.unfinished == 1
    goes_on.set()


def test_a_call_logs_under_the_id_of_its_request(small: Pool) -> None:
    async def call() -> str | None:
        logs.request_id.set("r-1")
        return await small.run(logs.request_id.get)

    assert asyncio.run(call()) == "r-1"
