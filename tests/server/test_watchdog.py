import pytest

from workbench.server import watchdog
from workbench.server.watchdog import Watchdog


@pytest.fixture
def watched(monkeypatch: pytest.MonkeyPatch) -> Watchdog:
    monkeypatch.setattr(watchdog, "MOST_LOOKS", 2)
    return Watchdog()


def test_one_that_is_silent_for_too_many_looks_is_told_once(watched: Watchdog) -> None:
    watched.heard(1)
    assert [watched.look() for _ in range(5)] == [[], [], [1], [], []]


def test_one_that_goes_on_telling_of_itself_is_not(watched: Watchdog) -> None:
    for _ in range(5):
        watched.heard(1)
        watched.heard(2)
        assert watched.look() == []
    watched.heard(2)
    assert [watched.look() for _ in range(3)] == [[], [1], [2]]


def test_nobody_is_watched_before_the_first_word_or_after_the_end(watched: Watchdog) -> None:
    watched.heard(1)
    watched.forget(1)
    watched.forget(2)
    assert [watched.look() for _ in range(4)] == 4 * [[]]


def test_one_that_is_silent_may_come_again(watched: Watchdog) -> None:
    for _ in range(2):
        watched.heard(1)
        assert [watched.look() for _ in range(3)] == [[], [], [1]]
