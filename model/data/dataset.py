"""Training data from a CSV file, checked cell by cell before anything is fitted. Knows no model."""

import csv
import io
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.data.columns import COLUMNS, CUSTOMER, FEATURES, LABEL, MISSING, Column
from model.errors import DataError

_FLOAT32_LIMIT = float(np.finfo(np.float32).max)
_EMPTY = frozenset({"", MISSING})
_CLASSES = {"0": 0, "1": 1}


@dataclass(frozen=True)
class Dataset:
    """What a model learns from, all with one entry a row.

    `features`: the 26 columns of `columns.FEATURES`; numbers are float32 with NaN for missing, so that a tree's
    thresholds compare in training as they do in ONNX; text is object with "" for missing.
    `label`: int64, 0 or 1. `customer`: text, the groups that must not be divided between training and test.
    """

    features: pd.DataFrame
    label: npt.NDArray[np.int64]
    customer: npt.NDArray[np.str_]

    def take(self, rows: npt.NDArray[np.intp]) -> "Dataset":
        """The rows of the given positions."""
        return Dataset(self.features.iloc[rows].reset_index(drop=True), self.label[rows], self.customer[rows])


def parse(data: bytes, source: str) -> Dataset:
    """A dataset from CSV text. `source` names it in errors.

    Raises DataError for text that is not UTF-8, missing, extra or doubled columns, ragged rows, no rows, text in a
    number, and a label that is not 0 or 1 or has one class only.
    """
    header, lines, columns = _columns(_decode(data, source), source)
    _check_header(header, source)
    cells = dict(zip(header, map(_Cells.of, columns), strict=True))
    label = _label(cells[LABEL], lines, source)
    customer = _customer(cells[CUSTOMER], lines, source)
    features = {
        column.name: _texts(cells[column.name])
        if column.kind == "string"
        else _numbers(cells[column.name], column, lines, source)
        for column in FEATURES
    }
    return Dataset(pd.DataFrame(features), label, customer)


def _decode(data: bytes, source: str) -> str:
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


def _columns(text: str, source: str) -> tuple[list[str], Sequence[int], list[npt.NDArray[np.object_]]]:
    """The header in lower case, each row's line number in the file, and the cells of each column as text.

    Text without quotes, blank lines and ragged rows, as most is, needs no CSV reader but a fast one.
    """
    plain = text.replace("\r\n", "\n").removesuffix("\n")
    lines = plain.split("\n")
    commas = lines[0].count(",")
    if (
        '"' in plain
        or "\r" in plain
        or not commas
        or len(lines) == 1
        or {line.count(",") for line in lines} != {commas}
    ):
        return _quoted(text, source)
    frame = pd.read_csv(
        io.StringIO(plain),
        header=None,
        skiprows=1,
        names=range(commas + 1),
        index_col=False,
        dtype=object,
        na_filter=False,
        quoting=csv.QUOTE_NONE,
    )
    columns = [frame[place].to_numpy(dtype=object) for place in frame]
    return _header(lines[0].split(",")), range(2, len(lines) + 1), columns


def _quoted(text: str, source: str) -> tuple[list[str], Sequence[int], list[npt.NDArray[np.object_]]]:
    """See `_columns`; blank lines do not count."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    lines: list[int] = []
    rows: list[list[str]] = []
    try:
        for row in reader:
            if row:
                lines.append(reader.line_num)
                rows.append(row)
    except csv.Error as error:
        raise DataError(f"{source}: line {reader.line_num} is not CSV ({error})") from error
    if not rows:
        raise DataError(f"{source}: is empty; a header of {len(COLUMNS)} columns and rows are needed")
    header = _header(rows[0])
    for line, row in zip(lines, rows, strict=True):
        if len(row) != len(header):
            raise DataError(f"{source}: line {line} has {len(row)} cells, the header has {len(header)}")
    if len(rows) == 1:
        raise DataError(f"{source}: has a header and no rows")
    return header, lines[1:], [np.array(column, dtype=object) for column in zip(*rows[1:], strict=True)]


def _header(names: Sequence[str]) -> list[str]:
    return [name.strip().lower() for name in names]


@dataclass(frozen=True)
class _Cells:
    """A column: its different texts, each looked at once, and for each row which of them it is [n]."""

    texts: list[str]
    place: npt.NDArray[np.intp]

    @classmethod
    def of(cls, cells: npt.NDArray[np.object_]) -> "_Cells":
        place, texts = pd.factorize(cells)
        return cls(np.asarray(texts, dtype=object).tolist(), place)

    def __getitem__(self, row: int) -> str:
        return str(self.texts[self.place[row]])

    def __len__(self) -> int:
        return len(self.place)


def _check_header(header: Sequence[str], source: str) -> None:
    expected = [column.name for column in COLUMNS]
    if doubled := sorted(name for name, count in Counter(header).items() if count > 1):
        raise DataError(f"{source}: column {doubled[0]!r} stands there twice (names are compared without case)")
    missing = [name for name in expected if name not in header]
    extra = [name for name in header if name not in expected]
    if missing or extra:
        parts = [f"lacks {', '.join(map(repr, missing))}"] if missing else []
        parts += [f"has unknown {', '.join(map(repr, extra))}"] if extra else []
        raise DataError(f"{source}: the header {' and '.join(parts)}; the {len(expected)} churn columns are needed")


def _numbers(cells: _Cells, column: Column, lines: Sequence[int], source: str) -> npt.NDArray[np.float32]:
    values = np.array([_number(cell) for cell in cells.texts])[cells.place]
    wrong = np.isinf(values)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(f"{source}: line {lines[row]}, column {column.name!r}: {cells[row]!r} is not a finite number")
    return values.astype(np.float32)


def _number(cell: str) -> float:
    """NaN for a missing cell, infinity for one that is no number a float32 can hold."""
    if cell.strip() in _EMPTY:
        return math.nan
    try:
        value = float(cell)
    except ValueError:
        return math.inf
    return value if abs(value) <= _FLOAT32_LIMIT else math.inf


def _texts(cells: _Cells) -> npt.NDArray[np.object_]:
    known = ["" if cell.strip() in _EMPTY else cell.strip() for cell in cells.texts]
    return np.array(known, dtype=object)[cells.place]


def _label(cells: _Cells, lines: Sequence[int], source: str) -> npt.NDArray[np.int64]:
    label = np.array([_CLASSES.get(cell.strip(), -1) for cell in cells.texts])[cells.place]
    if (label < 0).any():
        row = int(np.argmin(label))
        raise DataError(f"{source}: line {lines[row]}, column {LABEL!r}: {cells[row]!r} is neither 0 nor 1")
    if len(classes := np.unique(label)) == 1:
        raise DataError(f"{source}: column {LABEL!r} is {classes[0]} in all {len(label)} rows; both 0 and 1 are needed")
    return label


def _customer(cells: _Cells, lines: Sequence[int], source: str) -> npt.NDArray[np.str_]:
    names = [cell.strip() for cell in cells.texts]
    empty = np.array([name in _EMPTY for name in names])[cells.place]
    if empty.any():
        row = int(np.argmax(empty))
        raise DataError(f"{source}: line {lines[row]}, column {CUSTOMER!r} is empty; each row belongs to a customer")
    return np.array(names)[cells.place]
