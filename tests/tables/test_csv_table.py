"""The one reader of tables: what a file may look like, what is refused, and what is told of a guess."""

import csv
from pathlib import Path

import pytest

from workbench.core.errors import DataError
from workbench.tables import column, csv_table


def _read(text: str | bytes) -> csv_table.CsvTable:
    return csv_table.parse(text.encode() if isinstance(text, str) else text, "in.csv")


def _refusal(text: str | bytes) -> str:
    with pytest.raises(DataError) as caught:
        _read(text)
    message = str(caught.value)
    assert message.startswith("in.csv: ")
    assert "\n" not in message
    return message


@pytest.mark.parametrize(("mark", "called"), [(";", "';'"), ("\t", "tabs"), ("|", "'|'")])
def test_another_delimiter_than_a_comma_is_found_and_told(mark: str, called: str) -> None:
    table = _read(f"age{mark}income\n1{mark}25,356\n2{mark}1\n")
    assert table.names == ("age", "income")
    assert table.columns == (("1", "2"), ("25,356", "1"))
    assert table.remarks == (f"in.csv: columns are divided by {called}",)


def test_a_comma_that_fits_is_taken_and_another_that_fits_too_is_told() -> None:
    assert _read("a,b\n1,2\n").remarks == ()
    assert _read("a,b;c\n1,2;3\n").columns == (("1",), ("2;3",))
    assert "although ';' would do too" in _read("a,b;c\n1,2;3\n").remarks[0]


def test_one_column_needs_no_delimiter_and_its_blank_lines_are_told() -> None:
    table = _read("note\nx y\n\nz\n\n\n")
    assert (table.columns, list(table.lines)) == ((("x y", "z"),), [2, 4])
    assert table.remarks == ("in.csv: line 3 is blank and left out; a missing value is written as \\N",)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
def test_line_ends_and_a_byte_order_mark_change_nothing(end: str, mark: bytes) -> None:
    table = _read(mark + 'a,"b"\n"1,\n2","say ""x"""\n\n3,4\n'.replace("\n", end).encode())
    assert table.names == ("a", "b")
    assert table.columns == ((f"1,{end}2", "3"), ('say "x"', "4"))
    assert list(table.lines) == [2, 5]
    assert table.remarks == ()


def test_a_cell_above_128_kib_is_read_and_the_process_keeps_its_own_limit() -> None:
    before = csv.field_size_limit()
    text = "x" * 300_000
    assert _read(f'a,b\n{text},1\n"{text}",2\n').columns[0] == (text, text)
    assert csv.field_size_limit() == before


def test_white_space_around_a_name_is_dropped_and_told_and_inside_it_stays() -> None:
    table = _read(" age ,annual income\n1,2\n")
    assert table.names == ("age", "annual income")
    assert table.remarks == ("in.csv: column 'age': the white space around its name is dropped",)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", ["is empty"]),
        (b"\xef\xbb\xbf\n\n", ["is empty"]),
        (b"a,b\n", ["a header and no rows"]),
        (b"a,,c\n1,2,3\n", ["column 2 has no name"]),
        (b"a,b, a\n1,2,3\n", ["column 'a' stands there twice"]),
        (b"a,b\n1,2\n1,25,356\n", ["line 3 has 3 cells, the header has 2"]),
        (b"a;b\n1;2\n1\n", ["line 3 has 1 cells, the header has 2"]),
        ("a,b\n1,M\xfcnchen\n".encode("latin-1"), ["line 2 is not UTF-8", "0xfc", "save the file as UTF-8"]),
        ("a,b\n1,2\n".encode("utf-16"), ["is UTF-16", "save the file as UTF-8"]),
        (b"a,b\n1,\0\n", ["line 2 holds a NUL byte"]),
        (b'a,b\n1,"x"y\n', ["line 2 is not CSV"]),
        (b'a,b\n1,"x\n\n\n', ["is not CSV"]),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), ["line 1 is not UTF-8"]),
    ],
)
def test_a_file_that_would_need_a_guess_is_refused_in_one_line(data: bytes, words: list[str]) -> None:
    message = _refusal(data)
    assert [word for word in words if word not in message] == []


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none.csv", tmp_path, tmp_path / ("x" * 300)):
        with pytest.raises(DataError, match="cannot be read"):
            csv_table.read(path)


def test_rows_have_values_and_remarks_name_the_file() -> None:
    rows, told = column.rows(_read("a;b\n1;25,356\n\\N;7\n"))
    assert rows == [{"a": 1, "b": "25,356"}, {"a": None, "b": "7"}]
    assert told == [
        "in.csv: columns are divided by ';'",
        "in.csv: b: text; '25,356' in line 2 is not a number",
    ]
