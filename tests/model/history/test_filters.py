import time
from datetime import UTC, datetime
from typing import Any

import pytest

from model.errors import ParameterError
from model.history import filters

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
FACTS = {
    "status": "completed",
    "model": "churn:3",
    "metric.roc_auc": 0.84,
    "param.seed": 7,
    "git.dirty": True,
    "started_at": "2026-11-21T18:00:00.000+00:00",
}


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("status=completed", True),
        ("status = completed", True),
        ("status=failed", False),
        ("status!=failed", True),
        ("model=churn:*", True),
        ("model=churn:?0", False),
        ("model!=churn:*", False),
        ("metric.roc_auc>0.8", True),
        ("metric.roc_auc>=0.84", True),
        ("metric.roc_auc>0.84", False),
        ("metric.roc_auc<=0.84", True),
        ("metric.roc_auc<1e-3", False),
        ("param.seed=7.0", True),
        ("param.seed!=7", False),
        ("param.seed>10", False),
        ("git.dirty=yes", True),
        ("git.dirty=false", False),
        ("git.dirty=perhaps", False),
        ("error=", True),
        ("error!=", False),
        ("error=none", False),
        ("error!=none", True),
        ("error>1", False),
        ("model=", False),
        ("since=2d", True),
        ("since=41h", False),
        ("since=2026-11-21T18:00:00Z", True),
        ("until=2026-11-21T19:00:00+01:00", True),
        ("until=2026-11-21T17:59:59Z", False),
        ("until=30m", True),
    ],
)
def test_a_filter_holds_or_not(text: str, holds: bool) -> None:
    parsed = filters.parse(text, "started_at", NOW)
    assert parsed.holds(FACTS.get(parsed.field)) is holds


def test_a_time_without_a_zone_is_that_of_the_person_who_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC-5")  # five hours ahead
    time.tzset()
    try:
        assert filters.parse("since=2026-11-21T23:00", "at").value == "2026-11-21T18:00:00.000+00:00"
    finally:
        monkeypatch.undo()
        time.tzset()


def test_texts_are_not_compared_as_numbers_nor_numbers_as_texts() -> None:
    assert not filters.parse("param.seed>10", "at").holds(9)
    assert filters.parse("version>10", "at").holds("9")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "write FIELD"),
        ("status", "status=completed"),
        ("=3", "write FIELD"),
        ("a b=3", "write FIELD"),
        ("since>2d", "write since= with a time"),
        ("since=", "no time"),
        ("since=tomorrow", "30m, 12h, 2d, 1w"),
        ("until=2026-13-01", "no time"),
        ("since=99999999999d", "before all time"),
        ("metric.roc_auc>high", "metric.roc_auc is a number, 'high' is none"),
        ("param.seed=x", "param.seed is a number"),
        ("statsu=completed", "did you mean 'status'?"),
        ("zzz=1", "there is git.dirty"),
    ],
)
def test_what_cannot_be_a_filter_is_told_in_one_line_that_repeats_it(text: str, words: str) -> None:
    with pytest.raises(ParameterError) as caught:
        filters.select([FACTS], dict.get, list, [text], when="started_at")
    assert repr(text) in str(caught.value)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


def _names(items: list[dict[str, Any]]) -> str:
    return "".join(item["name"] for item in items)


def test_all_filters_must_hold_and_the_order_stays() -> None:
    items = [{"name": name, "n": n} for name, n in (("c", 1), ("a", 2), ("b", 3), ("d", 4))]
    assert _names(filters.select(items, dict.get, list, ["n>1", "n<4"], when="at")) == "ab"
    assert _names(filters.select(items, dict.get, list, when="at")) == "cabd"


def test_sorting_is_by_value_and_stable_with_missing_values_last() -> None:
    items: list[dict[str, Any]] = [
        {"name": "a", "n": 10},
        {"name": "b", "n": 9.5},
        {"name": "c"},
        {"name": "d", "n": 10},
        {"name": "e", "n": "text"},
    ]
    assert _names(filters.select(items, dict.get, list, sort="n", when="at")) == "badec"
    assert _names(filters.select(items, dict.get, list, sort="-n", when="at")) == "eadbc"


def test_sorting_by_what_nothing_has_is_an_error_and_an_empty_list_is_not() -> None:
    with pytest.raises(ParameterError, match=r"--sort -nmae: nothing here has nmae; did you mean 'name'\?"):
        filters.select([{"name": "a"}], dict.get, list, sort="-nmae", when="at")
    assert filters.select([], dict.get, list, ["x=1"], "y", when="at") == []


def test_a_fact_that_only_sorted_out_items_have_is_known() -> None:
    items: list[dict[str, Any]] = [{"name": "a", "n": 1}, {"name": "b"}]
    assert filters.select(items, dict.get, list, ["name=b", "n>0"], "n", when="at") == []


def test_a_filter_for_what_is_missing_needs_nobody_to_have_it() -> None:
    assert len(filters.select([{"name": "a"}], dict.get, list, ["model="], when="at")) == 1
