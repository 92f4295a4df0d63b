import asyncio
from typing import Any

import pytest

from scoring.batch import MOST_ROWS, Batch, Rows


class Script:
    """Doubles every number; fails on rows without one."""

    def __init__(self) -> None:
        self.calls: list[int] = []

    def run(self, rows: Rows) -> list[int]:
        self.calls.append(len(rows))
        return [2 * row["number"] for row in rows]


@pytest.fixture
def script() -> Script:
    return Script()


def together(run: Any, *requests: Rows) -> list[Any]:
    async def ask() -> list[Any]:
        batch = Batch(run)
        return await asyncio.gather(*(batch.run(rows) for rows in requests), return_exceptions=True)

    return asyncio.run(ask())


def rows(*numbers: int) -> Rows:
    return [{"number": number} for number in numbers]


def test_requests_that_come_together_share_a_call_and_get_their_own_rows(script: Script) -> None:
    assert together(script.run, rows(1, 2), rows(), rows(3)) == [[2, 4], [], [6]]
    assert script.calls == [3]


def test_one_that_fails_fails_alone(script: Script) -> None:
    one, wrong, other = together(script.run, rows(1), [{}], rows(3))
    assert (one, other) == ([2], [6])
    assert isinstance(wrong, KeyError)


@pytest.mark.parametrize("answer", [None, {"rows": 2}, [1], [1, 2, 3]])
def test_an_answer_that_is_none_a_row_is_asked_for_again_one_by_one(answer: object) -> None:
    calls: list[Rows] = []

    def run(asked: Rows) -> object:
        calls.append(asked)
        return answer

    assert together(run, rows(1), rows(2)) == [answer, answer]
    assert calls == [rows(1, 2), rows(1), rows(2)]


def test_many_rows_are_not_put_together(script: Script) -> None:
    together(script.run, rows(*range(MOST_ROWS)), rows(1))
    assert script.calls == [MOST_ROWS, 1]


def test_nobody_is_told_who_went_away(script: Script) -> None:
    async def ask() -> list[int]:
        batch = Batch(script.run)
        left = asyncio.create_task(batch.run(rows(1)))
        stays = asyncio.create_task(batch.run(rows(2)))
        await asyncio.sleep(0)
        left.cancel()
        answer: list[int] = await stays
        return answer

    assert asyncio.run(ask()) == [4]
