"""Filters and sorts of every form: each is read or refused in one line, and what is read holds as plain Python says.

500 of each. FUZZ_EXAMPLES in the environment is their number for a long run, FUZZ_SEED another beginning.
"""

import math
import re
from datetime import UTC, datetime
from typing import Any

from tests.core.junk import EXAMPLES, NUMBERS, SEED, TEXTS, Junk
from workbench.core.errors import ParameterError
from workbench.experiments.history import filters

CASES = EXAMPLES or 500
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = ["status", "metric.val loss", "metric.precision@5", "metric.p<0.05", "param.layers", "a.b-c", "x!y", "-n"]
SIGNS = ["=", "==", "!=", ">", ">=", "<", "<="]
FACTS: list[Any] = [*NUMBERS, *TEXTS, None, True, False, [64, 32], ["a"], {}, "a[0]", "x", 0.5, 7, 10**18 + 1]
VALUES = [*TEXTS, *map(str, NUMBERS), "0.5", "7", "yes", "NO", "[64, 32]", "[64*", "a[0]", "a?0]", "**", "1_0", " 7 "]
VALUES += ["1e3", "--1", "x*"]
ODD = ['"', '""', " ", "since", "until", "2d", "99999999999999999999w", "!", "2026-13-01", "caf\u00e9 %"]


def _number(text: str) -> int | float | None:
    """A number as Python reads it; None of what is none."""
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            continue
    return None


def _holds(fact: Any, sign: str, value: str) -> bool | None:
    """What a filter must say of a fact; None where it must refuse."""
    if sign in ("=", "!="):
        equal = _equals(fact, value)
        return None if equal is None else equal is (sign == "=")
    if fact is None:
        return False
    left: Any
    right: Any
    left, right = (fact, _number(value)) if isinstance(fact, int | float) else (str(fact), value)
    if right is None or right != right:  # noqa: PLR0124 - NaN differs from itself
        return None
    return bool({">": left > right, ">=": left >= right, "<": left < right, "<=": left <= right}[sign])


def _equals(fact: Any, value: str) -> bool | None:
    if fact is None:
        return not value
    if not value:
        return False
    if isinstance(fact, bool):
        return value.lower() in (("yes", "true") if fact else ("no", "false"))
    if isinstance(fact, int | float):
        number = _number(value)
        return None if number is None else fact == number or (fact != fact and number != number)  # noqa: PLR0124
    form = "".join({"*": ".*", "?": "."}.get(letter) or re.escape(letter) for letter in value)
    return bool(re.fullmatch(form, str(fact), re.DOTALL))


def _said(text: str, name: str, fact: Any) -> tuple[bool | None, str]:
    try:
        parsed = filters.parse(text, "started_at", NOW)
        assert parsed.field == name, text
        return parsed.holds(fact), ""
    except ParameterError as error:
        return None, str(error)


def test_a_filter_holds_as_plain_python_says() -> None:
    junk = Junk(SEED)
    counts = {True: 0, False: 0, None: 0}
    for _ in range(CASES):
        name, sign, value = (junk.choice(each) for each in (NAMES, SIGNS, VALUES))
        fact = junk.choice(FACTS)
        written = f'"{name}"' if re.search("[!=<>]", name) or junk.random() < 0.2 else name
        text = f"{junk.choice(('', ' '))}{written}{junk.choice(('', ' ', '  '))}{sign}{junk.choice(('', ' '))}{value}"
        if value.startswith("=") or sign + value.strip() == "":
            continue
        expected = _holds(fact, "=" if sign == "==" else sign, value.strip())
        found, told = _said(text, name, fact)
        assert "\n" not in told
        assert found is expected, (text, fact)
        counts[expected] += 1
    assert min(counts.values()) > CASES / 100


def test_any_text_is_read_or_refused_in_one_line() -> None:
    junk = Junk(SEED + 1)
    pieces = [*TEXTS, *NAMES, *SIGNS, *VALUES, *ODD]
    for _ in range(CASES):
        text = "".join(junk.choice(pieces) for _ in range(junk.randrange(6)))
        items = [{junk.choice(NAMES): junk.choice(FACTS), "started_at": "2026-01-01"} for _ in range(3)]
        sort = junk.choice((None, "status", "-x!y", text))
        try:
            found = filters.select(items, dict.get, list, [text], sort, when="started_at")
        except ParameterError as error:
            told = str(error)
        else:
            assert all(any(each is item for item in items) for each in found)
            continue
        assert len(told) < 2000, text


def test_a_sorted_list_is_in_the_order_of_plain_python() -> None:
    junk = Junk(SEED + 2)
    for _ in range(max(100, CASES // 10)):
        items = [{"n": place, "x": junk.choice(FACTS)} for place in range(junk.randrange(12))]
        falling = junk.random() < 0.5
        if not any(each["x"] is not None for each in items):
            continue
        found = filters.select(items, dict.get, list, sort="-x" if falling else "x", when="t")
        numbers = [each for each in items if isinstance(each["x"], int | float) and not _is_nan(each["x"])]
        nans = [each for each in items if _is_nan(each["x"])]
        nothing = [each for each in items if each["x"] is None]
        texts = [each for each in items if not any(each in group for group in (numbers, nans, nothing))]
        numbers.sort(key=lambda each: each["x"], reverse=falling)
        texts.sort(key=lambda each: str(each["x"]), reverse=falling)
        assert [each["n"] for each in found] == [each["n"] for each in (*numbers, *texts, *nans, *nothing)]


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and math.isnan(value)
