"""Values that scripts return, and the JSON that callers get."""

import json
import subprocess
import sys
from collections import OrderedDict, deque, namedtuple
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import Enum
from fractions import Fraction
from pathlib import PurePosixPath
from typing import Any
from uuid import UUID

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from workbench.server.answers import encode

Pair = namedtuple("Pair", "low high")  # noqa: PYI024 - as score scripts write it


class Colour(Enum):
    RED = "red"


@dataclass
class Point:
    x: Any
    _hidden: int = 0


MONTHS = np.array(["2020-01-01", "NaT"], dtype="datetime64[D]")


@pytest.mark.parametrize(
    ("value", "content"),
    [
        # texts
        (np.array(["a", "b"]), ["a", "b"]),
        (np.str_("a"), "a"),
        (np.array([b"a"]), ["a"]),
        (b"gr\xc3\xb6\xc3\x9fer", "größer"),
        ("\ud800", "?"),
        # numbers
        (np.float32(0.1), 0.1),
        (np.array([0.1, 0.2, 0.3], dtype=np.float32)[::2], [0.1, 0.3]),
        (np.array([1, 2], dtype=">i4"), [1, 2]),
        (np.longdouble(1.5), 1.5),
        (np.array(3), 3),
        (np.array([[1, 2], [3, 4]]).T, [[1, 3], [2, 4]]),
        (np.array([1, "a", None, np.nan], dtype=object), [1, "a", None, None]),
        (np.ma.array([1, 2], mask=[False, True]), [1, None]),
        (np.array([(1, 0.5)], dtype=[("a", "i4"), ("b", "f8")]), [{"a": 1, "b": 0.5}]),
        (sparse.csr_matrix([[1, 0]]), [[1, 0]]),
        (2**70, 2**70),
        (Decimal("1.5"), 1.5),
        (Fraction(1, 2), 0.5),
        # what is missing, or no number
        ([float("nan"), float("inf"), np.float32("nan"), Decimal("nan")], [None] * 4),
        (np.array([np.nan, -np.inf]), [None, None]),
        ([pd.NA, pd.NaT, np.datetime64("NaT"), np.timedelta64("NaT")], [None] * 4),
        # frames and series
        (pd.DataFrame({"a": [1, 2], "b": ["x", None]}), [{"a": 1, "b": "x"}, {"a": 2, "b": None}]),
        (pd.DataFrame({"p": np.array([0.1], dtype=np.float32)}, index=["row"]), [{"p": 0.1}]),
        (pd.DataFrame([[1]], columns=pd.MultiIndex.from_tuples([("a", 5)])), [{"a.5": 1}]),
        (pd.DataFrame(index=[1, 2]), [{}, {}]),
        (pd.DataFrame(), []),
        (pd.DataFrame({"id": pd.Series([2**53 + 1, None], dtype="Int64")}), [{"id": 2**53 + 1}, {"id": None}]),
        (pd.Series([0.5, np.nan], index=[7, 9]), [0.5, None]),
        (pd.Series(["a", None], dtype="category"), ["a", None]),
        (pd.Categorical(["a", "b"]), ["a", "b"]),
        (pd.Index([1, 2]), [1, 2]),
        (pd.Interval(0, 5), "(0, 5]"),
        # dates and times
        (MONTHS, ["2020-01-01T00:00:00", None]),
        ({"a": [MONTHS.astype("datetime64[ns]")]}, {"a": [["2020-01-01T00:00:00", None]]}),
        (np.datetime64("2020-01-01T01:02:03.123456789"), "2020-01-01T01:02:03.123456"),
        (np.array(["1970-01-01"], dtype="datetime64[D]"), ["1970-01-01T00:00:00"]),
        (pd.Timestamp("2020-01-01", tz="UTC"), "2020-01-01T00:00:00+00:00"),
        (datetime(2020, 1, 1, tzinfo=UTC), "2020-01-01T00:00:00+00:00"),
        (date(2020, 1, 1), "2020-01-01"),
        (time(1, 2, tzinfo=UTC), "01:02:00+00:00"),
        ([timedelta(minutes=1), np.timedelta64(60, "s"), pd.Timedelta("1min")], [60.0, 60.0, 60.0]),
        # objects and lists
        ({2: 2, None: 3, True: 4}, {"2": 2, "null": 3, "true": 4}),
        ({np.int64(5): np.float64(0.5), np.str_("b"): 1, 1.5: 2}, {"5": 0.5, "b": 1, "1.5": 2}),
        ({date(2020, 1, 1): {Colour.RED: Colour.RED}}, {"2020-01-01": {"red": "red"}}),
        (OrderedDict(a=1), {"a": 1}),
        (Point(np.str_("a")), {"x": "a"}),
        (Point({1}), {"x": [1]}),
        (Pair(1, {2: 3}), [1, {"2": 3}]),
        ([{3, 1, 2}, frozenset("ba"), deque([1]), range(2)], [[1, 2, 3], ["a", "b"], [1], [0, 1]]),
        (map(int, "12"), [1, 2]),
        ([UUID(int=0), PurePosixPath("/a")], ["00000000-0000-0000-0000-000000000000", "/a"]),
    ],
)
def test_what_has_one_plain_meaning_is_written(value: object, content: Any) -> None:
    assert json.loads(encode(value)) == content


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (object(), "JSON has nothing for builtins.object"),
        (1j, "JSON has nothing for builtins.complex"),
        ([np.array([1j])], "JSON has nothing for .*complex"),
        (float, "JSON has nothing for builtins.type"),
        ({1: "a", "1": "b"}, "two keys are both '1' in JSON"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two keys are both 'a' in JSON"),
        ({frozenset([1]): 1}, "frozenset can't be a key in JSON"),
        (b"\xff", "can't decode byte 0xff"),
    ],
)
def test_what_has_no_meaning_in_json_is_refused_by_name(value: object, says: str) -> None:
    with pytest.raises((TypeError, ValueError), match=says):
        encode(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    circle: list[Any] = []
    circle.append(circle)
    with pytest.raises(RecursionError):
        encode(circle)


def test_short_floats_have_the_same_digits_whatever_holds_them() -> None:
    values = np.linspace(0, 1, 999, dtype=np.float32)
    content = encode(values)
    assert content == encode(np.repeat(values, 2)[::2]) == encode(list(values)) == encode(pd.Series(values))


def test_the_server_needs_no_pandas_for_it() -> None:
    text = (
        "import sys; from workbench.server.answers import encode;"
        " encode({1: object.__doc__}); print('pandas' in sys.modules)"
    )
    assert subprocess.check_output([sys.executable, "-c", text], text=True).strip() == "False"
