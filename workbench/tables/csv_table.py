"""A table of CSV: names, and each column's cells as the file has them. What they mean is `column`'s business.

Refuses what it would have to guess at (another encoding, ragged rows, a name twice) and tells what it did guess.
"""

import csv
import io
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from workbench.core.errors import DataError

SUFFIXES = (".csv", ".tsv", ".tab")
_DELIMITERS = (",", ";", "\t", "|")
_NAMED = {"\t": "tabs"}
_SAMPLED_RECORDS = 50
_SAMPLED_CHARACTERS = 1_000_000
_WIDE = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class CsvTable:
    """`columns` are the cells of each name, one a row; `lines` where each row begins in the file, counted from 1.

    `remarks` tell what was guessed about the file, each in one line.
    """

    source: str
    names: tuple[str, ...]
    lines: Sequence[int]
    columns: tuple[Sequence[str], ...]
    remarks: tuple[str, ...] = ()


def read(path: Path) -> CsvTable:
    """The table in a file. Raises DataError as `parse` does, and for a file that cannot be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise DataError(f"{path}: cannot be read ({error.strerror}); give the path of a CSV file") from error
    return parse(data, str(path))


def parse(data: bytes, source: str) -> CsvTable:
    """The table of a file's bytes; `source` names it in errors and remarks.

    Raises DataError for bytes that are not UTF-8, no rows, a column without a name or with another's, ragged rows, and
    quotes that are not those of CSV.
    """
    text = decode(data, source)
    divided, remarks = delimiter(text, source)
    return parse_text(text, divided, source, remarks)


def decode(data: bytes, source: str) -> str:
    """UTF-8 text, with or without a byte order mark. Raises DataError with the line of a wrong byte."""
    if data.startswith(_WIDE):
        raise DataError(f"{source}: is UTF-16; save the file as UTF-8")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise DataError(
            f"{source}: line {line} is not UTF-8 (byte 0x{data[error.start]:02x}); save the file as UTF-8"
        ) from error
    if "\0" in text:
        raise DataError(
            f"{source}: line {text.count(chr(10), 0, text.index(chr(0))) + 1} holds a NUL byte; give a CSV file"
        )
    return text


def delimiter(text: str, source: str) -> tuple[str, tuple[str, ...]]:
    """What divides the columns, and a remark unless that is plainly a comma."""
    widths = {each: _widths(text, each) for each in _DELIMITERS}
    fitting = [each for each, found in widths.items() if len(found) == 1 and min(found) > 1]
    if "," in fitting:
        also = [each for each in fitting if each != ","]
        said = f"{source}: columns are divided by ',', although {_called(also[0])} would do too" if also else ""
        return ",", (said,) if said else ()
    # Nothing fits: what divides the first line most; the ragged row is told then.
    chosen = max(fitting or _DELIMITERS, key=lambda each: max(widths[each], default=0))
    if max(widths[chosen], default=0) <= 1:
        return ",", ()
    return chosen, (f"{source}: columns are divided by {_called(chosen)}",) if chosen != "," else ()


def parse_text(text: str, divided: str, source: str, remarks: Sequence[str] = ()) -> CsvTable:
    """The table of decoded text. Blank lines do not count. Raises DataError."""
    lines: list[int] = []
    rows: list[list[str]] = []
    end = blank = 0
    with _cells_of_any_length():
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=divided, strict=True)
        try:
            for row in reader:
                if row:
                    lines.append(end + 1)
                    rows.append(row)
                elif rows:
                    blank = blank or end + 1
                end = reader.line_num
        except csv.Error as error:
            raise DataError(f"{source}: line {reader.line_num} is not CSV ({error})") from error
    if not rows:
        raise DataError(f"{source}: is empty; a first line with a name for each column, and rows are needed")
    names = [name.strip() for name in rows[0]]
    check_names(names, source)
    for line, row in zip(lines, rows, strict=True):
        if len(row) != len(names):
            raise DataError(f"{source}: line {line} has {len(row)} cells, the header has {len(names)}; mend it")
    if len(rows) == 1:
        raise DataError(f"{source}: has a header and no rows")
    told = [*remarks, *name_remarks(rows[0], source)]
    if blank and len(names) == 1 and blank < lines[-1]:
        told.append(f"{source}: line {blank} is blank and left out; a missing value is written as \\N")
    columns = tuple(zip(*rows[1:], strict=True))
    return CsvTable(source, tuple(names), lines[1:], columns, tuple(told))


def check_names(names: Sequence[str], source: str) -> None:
    """Raise DataError for a column without a name, or with that of another."""
    if "" in names:
        raise DataError(f"{source}: column {names.index('') + 1} has no name in the header; give each one")
    seen: set[str] = set()
    if twice := next((name for name in names if name in seen or seen.add(name)), None):  # type: ignore[func-returns-value] # add() returns None, which is the point
        raise DataError(f"{source}: column {twice!r} stands there twice; rename one")


def name_remarks(names: Sequence[str], source: str) -> list[str]:
    """A line when names had white space around them."""
    spaced = [name for name in names if name != name.strip()]
    return [f"{source}: column {spaced[0].strip()!r}: the white space around its name is dropped"] if spaced else []


def _widths(text: str, divided: str) -> set[int]:
    """How many cells the first records have; of a text that is no CSV so, those of the records before."""
    found: set[int] = set()
    with _cells_of_any_length():
        sample = io.StringIO(text[:_SAMPLED_CHARACTERS], newline="")
        # The last line may be cut through.
        whole = len(text) <= _SAMPLED_CHARACTERS
        try:
            records = list(islice(csv.reader(sample, delimiter=divided, strict=True), _SAMPLED_RECORDS + 1))
        except csv.Error:
            return set()
    for record in records if whole else records[:-1] or records:
        found |= {len(record)} if record else set()
    return found


def _called(divided: str) -> str:
    return _NAMED.get(divided, repr(divided))


@contextmanager
def _cells_of_any_length() -> Iterator[None]:
    """The csv module refuses cells above 128 KiB by default, and has one limit for the process."""
    before = csv.field_size_limit(sys.maxsize)
    try:
        yield
    finally:
        csv.field_size_limit(before)
