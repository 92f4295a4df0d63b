"""Thousands of files that nobody wrote: each is read or refused in one line, and no value changes without a word.

Some hundred here; FUZZ_EXAMPLES=100000 in the environment gives so many. A case is its number: the same each time.
"""

import csv
import io
import os
import random
from typing import Any

import pytest

from model import dataset
from model.columns import COLUMNS
from workbench.core.errors import DataError
from workbench.tables import cell, column, csv_table

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1500"))
NUMBERS = (
    "0", "-0", "1", "42", "-7", "007", "+49", "1.50", "0.1", ".5", "5.", "1e3", "-2.5E-1", "1e400", "1e-400", "25,356",
    "1.234,5", "9007199254740993", "1234567890123456789", "1234567890123456788", "9223372036854775808",
    "0.12345678901234567890", "1_000", "1e99999999999999999999", "1e-99999999999999999999", "١٢", "9" * 400, "0x1f",
)  # fmt: skip
TEXTS = (
    "", "\\N", "WA", " WA", "TX\t", "NA", "nan", "null", "TRUE", "False", "true", "yes", 'say "hi"', "a;b", "a|b",
    "x,y", "line\nbreak", "cr\rhere", "é", "\u00a0", "\u2028", "\x1c", "'", '"', "=1+1", "x" * 200, "2019-02-30", "\\",
)  # fmt: skip
BYTES = (
    b"",
    b",",
    b";",
    b"\t",
    b"\n",
    b"\r",
    b'"',
    b"\xff",
    b"\0",
    b"\\N",
    b"1e999",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b" ",
)


def _texts(rng: random.Random) -> list[list[str]]:
    """Rows of cells, a header first."""
    width, height = rng.randint(1, 5), rng.randint(1, 8)
    kinds = (NUMBERS, NUMBERS[:5], TEXTS, TEXTS[:4], (*NUMBERS, *TEXTS), ("1", "0.5", "2"))
    pools = [rng.choice(kinds) for _ in range(width)]
    header = [rng.choice(("age", "Income", " state ", "annual income", "a;b", "é", "x")) + str(i) for i in range(width)]
    return [header, *([rng.choice(pool) for pool in pools] for _ in range(height))]


def _written(rng: random.Random, texts: list[list[str]]) -> bytes:
    file = io.StringIO(newline="")
    broken = any(mark in text for row in texts for text in row for mark in "\r\n")
    # The writer quotes only the line ends that it writes itself.
    quoting: Any = csv.QUOTE_ALL if broken else rng.choice((csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC))
    end = rng.choice(("\n", "\r\n", "\r"))
    csv.writer(file, delimiter=rng.choice(",,;\t|"), quoting=quoting, lineterminator=end).writerows(texts)
    return rng.choice((b"", b"\xef\xbb\xbf")) + file.getvalue().encode()


def _changed(rng: random.Random, data: bytes) -> bytes:
    for _ in range(rng.randint(0, 4)):
        at = rng.randint(0, len(data))
        data = data[:at] + rng.choice(BYTES) + data[at + rng.choice((0, 0, 1, 5)) :]
    return data


def _is_same(text: str, value: Any) -> bool:
    """Whether a value, written down again, is what stood in the cell."""
    match value:
        case None:
            return text in cell.EMPTY
        case bool():
            return text.lower() == str(value).lower()
        case int():
            return text.strip() == str(value)
        case float():
            return cell.is_exact(text.strip(), value)
        case _:
            return bool(text == value)


def _check(texts: list[list[str]], rows: list[dict[str, Any]], told: list[str]) -> None:
    header, *lines = texts
    names = [name.strip() for name in header]
    if list(rows[0]) != names or len(rows) != len(lines):
        assert told, "the file was divided in another way without a word"
        return
    for line, row in zip(lines, rows, strict=True):
        for name, text in zip(names, line, strict=True):
            if not _is_same(text, row[name]):
                assert any(f" {name}: " in remark for remark in told), (name, text, row[name], told)


@pytest.mark.parametrize("part", range(4))
def test_what_is_read_and_written_back_is_the_cell_or_was_told(part: int) -> None:
    read = refused = 0
    for case in range(part, EXAMPLES, 4):
        rng = random.Random(case)  # noqa: S311 - nothing secret, the same each time
        texts = _texts(rng)
        data = _written(rng, texts)
        try:
            rows, told = column.rows(csv_table.parse(data, "in.csv"))
        except DataError:
            refused += 1
            continue
        assert all("\n" not in remark and len(remark) < 250 for remark in told), case
        _check(texts, rows, told)
        read += 1
    assert read > refused


@pytest.mark.parametrize("part", range(4))
def test_bytes_that_nobody_wrote_are_read_or_refused_in_one_line(part: int) -> None:
    kinds = {f"{name}{place}": kind for place, kind in enumerate(column.KINDS) for name in ("age", "x", "é", "Income")}
    outcomes, refusals = set(), []
    for case in range(part, EXAMPLES, 4):
        rng = random.Random(case)  # noqa: S311 - nothing secret, the same each time
        data = _changed(rng, _written(rng, _texts(rng)))
        try:
            table = csv_table.parse(data, "in.csv")
            column.rows(table)
            outcomes.add("read")
            column.rows(table, kinds)
            outcomes.add("of the declared kinds")
        except DataError as error:
            refusals.append(str(error))
            outcomes.add("refused")
    assert [each for each in refusals if "\n" in each or not each.startswith("in.csv: ")] == []
    assert outcomes == {"read", "of the declared kinds", "refused"}


def test_training_reads_each_file_by_either_way_alike(csv_bytes: bytes) -> None:
    """The quick way for plain text and the common one tell the same: values, refusals, remarks."""
    lines = csv_bytes.decode().splitlines()[:12]
    outcomes = set()
    for case in range(EXAMPLES // 10):
        rng = random.Random(case)  # noqa: S311 - nothing secret, the same each time
        rows = [line.split(",") for line in lines]
        for _ in range(rng.randint(0, 2)):
            rows[rng.randint(1, 11)][rng.randrange(len(COLUMNS))] = rng.choice((*NUMBERS, *TEXTS)).replace(",", "")
        if any(mark in text for row in rows for text in row for mark in '"\r\n;|\t'):
            continue
        mark = rng.choice(",;")
        plain = "\n".join(mark.join(row) for row in rows).encode()
        quoted = "\n".join(mark.join(f'"{text}"' for text in row) for row in rows).encode()
        found = [_parsed(data) for data in (plain, quoted)]
        assert found[0] == found[1], case
        outcomes.add(found[0][0])
    assert outcomes == {"read", "refused"}


def _parsed(data: bytes) -> tuple[str, Any]:
    told: list[str] = []
    try:
        found = dataset.parse(data, "in.csv", told.append)
    except DataError as error:
        return "refused", str(error)
    return "read", (found.features.to_csv(), found.label.tolist(), found.customer.tolist(), told)
