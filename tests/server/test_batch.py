import asyncio
from copy import deepcopy
from typing import Any

import pytest

from workbench.server.batch import MOST_ROWS, Batch, Rows


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


def together(run: Any, *requests: Rows, copy: Any = dict.copy) -> list[Any]:
    async def ask() -> list[Any]:
        batch = Batch(run, copy)
        batch._lengths = {1, 3}  # as `learn` leaves it
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


def scale_in_place(asked: Rows) -> list[float]:
    for row in asked:
        row["number"] /= 100
        row["nested"][0] += 1
        if row.get("state") == "raise":
            raise ValueError
    return [row["number"] for row in asked]


def test_a_failed_shared_call_leaves_no_change_in_rows_that_are_asked_again() -> None:
    good, bad = [{"number": 50, "nested": [0]}], [{"number": 50, "nested": [0], "state": "raise"}]
    answered, failed = together(scale_in_place, good, bad, copy=deepcopy)
    assert answered == [0.5]
    assert good == [{"number": 0.5, "nested": [1]}]
    assert isinstance(failed, ValueError)


def test_rows_of_a_tuple_answer_are_asked_again_as_they_came() -> None:
    def run(asked: Rows) -> tuple[float, ...]:
        return tuple(scale_in_place(asked))

    requests = [[{"number": 50, "nested": [0]}] for _ in range(2)]
    assert together(run, *requests, copy=deepcopy) == [(0.5,), (0.5,)]


def test_two_outputs_are_never_split_between_two_callers() -> None:
    def run(asked: Rows) -> list[list[int]]:
        return [[row["number"] for row in asked], [-row["number"] for row in asked]]

    async def ask() -> list[Any]:
        batch = Batch(run)
        batch._lengths = {1, 3}
        await batch.run(rows(7))  # as the first caller of a quiet service
        return list(await asyncio.gather(batch.run(rows(1)), batch.run(rows(2))))

    assert asyncio.run(ask()) == [[[1], [-1]], [[2], [-2]]]


@pytest.mark.parametrize("change", ["drop", "sort"])
def test_a_script_that_drops_or_sorts_rows_in_place_answers_each_caller_its_own(change: str) -> None:
    def run(asked: Rows) -> list[int]:
        if change == "drop":
            asked[:] = [row for row in asked if row["number"] != 3]
        else:
            asked.sort(key=lambda row: -row["number"])
        return [row["number"] for row in asked]

    expected = [[1], [], [2]] if change == "drop" else [[1], [3], [2]]
    assert together(run, rows(1), rows(3), rows(2)) == expected


def test_many_rows_are_not_put_together(script: Script) -> None:
    together(script.run, rows(*range(MOST_ROWS)), rows(1))
    assert script.calls == [MOST_ROWS, 1]


def test_nobody_is_told_who_went_away(script: Script) -> None:
    async def ask() -> list[int]:
        batch = Batch(script.run)
        batch._lengths = {1, 3}
        left = asyncio.create_task(batch.run(rows(1)))
        stays = asyncio.create_task(batch.run(rows(2)))
        await asyncio.sleep(0)
        left.cancel()
        answer: list[int] = await stays
        return answer

    assert asyncio.run(ask()) == [4]


def test_two_answers_for_any_rows_are_never_shared_though_two_rows_came() -> None:
    def run(asked: Rows) -> list[list[int]]:
        return [[row["number"] for row in asked], [10 * row["number"] for row in asked]]

    async def ask() -> list[Any]:
        batch = Batch(run)
        batch.learn(rows(7))
        return list(await asyncio.gather(batch.run(rows(1)), batch.run(rows(2))))

    assert asyncio.run(ask()) == [[[1], [10]], [[2], [20]]]


def test_a_script_of_which_one_length_alone_is_known_is_not_shared(script: Script) -> None:
    async def ask() -> None:
        batch = Batch(script.run)
        await batch.run(rows(1))
        await asyncio.gather(batch.run(rows(1)), batch.run(rows(2, 5)))
        await asyncio.gather(batch.run(rows(1)), batch.run(rows(2, 5)))

    asyncio.run(ask())
    assert script.calls == [1, 1, 2, 3], "two lengths are known after the second turn"


def test_what_was_learnt_of_the_schemas_example_shares_the_first_calls(script: Script) -> None:
    async def ask() -> None:
        batch = Batch(script.run)
        batch.learn(rows(7))
        await asyncio.gather(batch.run(rows(1)), batch.run(rows(2)))

    asyncio.run(ask())
    assert script.calls == [1, 3, 2]
