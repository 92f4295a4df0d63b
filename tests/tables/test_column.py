"""What a column's cells are taken for, and that no value changes without a word."""

from typing import Any

import pytest

from workbench.core.errors import DataError
from workbench.tables.column import Cells, Column, guess, typed

ID = "1234567890123456789"


def _guess(*cells: str) -> Column:
    return guess(Cells.of("x", cells, range(2, len(cells) + 2)))


def _values(*cells: str) -> list[Any]:
    found = _guess(*cells)
    return [found.kind, *(found.values[cell] for cell in cells)]


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1", "-2", "0"], ["integer", 1, -2, 0]),
        (["1", "\\N", ""], ["integer", 1, None, None]),
        ([" 1", "2 "], ["integer", 1, 2]),
        ([ID, "1234567890123456788"], ["integer", int(ID), 1234567890123456788]),
        (["1", "0.5", "\\N"], ["number", 1.0, 0.5, None]),
        (["1e3", "-2.5E-1"], ["number", 1000.0, -0.25]),
        (["TRUE", "False", "\\N"], ["boolean", True, False, None]),
        (["Yes", "No", ""], ["string", "Yes", "No", None]),
        (["2019-01-02", "2019-02-30"], ["string", "2019-01-02", "2019-02-30"]),
        (["null", "WA"], ["string", "null", "WA"]),
    ],
)
def test_what_is_plain_is_taken_without_a_word(cells: list[str], expected: list[Any]) -> None:
    assert _values(*cells) == expected
    told = _guess(*cells).remarks
    assert told == () or (cells == ["null", "WA"] and "'null' in line 2 is not a number" in told[0])


@pytest.mark.parametrize(
    ("cells", "kind", "words"),
    [
        (["1", "25,356"], "string", "x: text; '25,356' in line 3 is not a number"),
        (["25,356", "1,000"], "string", "'25,356' in line 2 is not a number"),
        (["$5", "$6"], "string", "'$5' in line 2 is not a number"),
        (["10 %", "5"], "string", "'10 %' in line 2"),
        (["1", "NA"], "string", "'NA' in line 3 is not a number; leave the cell empty if it is missing"),
        (["1.5", "nan"], "string", "'nan' in line 3 is not a number; leave"),
        (["007", "010"], "string", "'007' in line 2 is not written as a number is"),
        (["1", "+49"], "string", "'+49' in line 3 is not written as a number is"),
        (["1", "1e400"], "string", "'1e400' in line 3 is not a number"),
        (["1_000", "2"], "string", "'1_000' in line 2"),
        (["1", "12345678901234567890"], "string", "'12345678901234567890' in line 3 needs more than 64 bits"),
        ([ID, ""], "string", f"'{ID}' in line 2 has more digits than a double keeps, and cells are missing"),
        ([ID, "0.5"], "string", f"'{ID}' in line 2 has more digits than a double keeps"),
        (["0.12345678901234567890", "1"], "number", "in line 2 is kept as 0.12345678901234568, as a double"),
        (["true", "maybe"], "string", "'maybe' in line 3 is neither true nor false"),
        (["", "\\N"], "", "no cell holds a value"),
        (["WA", " TX"], "string", "white space around a text is dropped, first in line 3"),
    ],
)
def test_a_guess_that_people_might_not_expect_is_told_with_cell_and_line(
    cells: list[str], kind: str, words: str
) -> None:
    found = _guess(*cells)
    assert (found.kind, len(found.remarks)) == (kind, 1)
    assert words in found.remarks[0]


@pytest.mark.parametrize(
    ("kind", "cells", "values"),
    [
        ("string", ["007", "1e5", "\\N"], ["007", "1e5", None]),
        ("integer", ["007", "3.0", "-5", "1e3", ID, ""], [7, 3, -5, 1000, int(ID), None]),
        ("number", ["007", ".5", "+5"], [7.0, 0.5, 5.0]),
        ("boolean", ["TRUE", "false"], [True, False]),
    ],
)
def test_a_declared_kind_decides_what_a_cell_means(kind: str, cells: list[str], values: list[Any]) -> None:
    found = typed(Cells.of("x", cells, range(2, 9)[: len(cells)]), kind, "in.csv")
    assert [found.values[cell] for cell in cells] == values
    assert found.remarks == ()


@pytest.mark.parametrize(
    ("kind", "cell"),
    [
        ("integer", "1.5"),
        ("integer", "9223372036854775808"),
        ("integer", "9" * 5000),
        ("integer", "1e-99999999999999999999"),
        ("integer", "1e999999999"),
        ("number", "1e400"),
        ("number", "nan"),
        ("number", "1_000"),
        ("number", "١٢"),
        ("boolean", "1"),
    ],
)
def test_a_cell_that_is_not_of_its_declared_kind_is_named(kind: str, cell: str) -> None:
    with pytest.raises(DataError) as caught:
        typed(Cells.of("x", ["\\N", cell], [2, 3]), kind, "in.csv")
    assert str(caught.value).startswith("in.csv: line 3, column 'x': '")
    assert len(str(caught.value)) < 120
