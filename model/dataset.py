"""Training data from a CSV file, checked cell by cell before anything is fitted. Knows no model."""

import csv
import io
import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from model.columns import COLUMNS, CUSTOMER, FEATURES, LABEL, Column
from workbench.core.errors import DataError
from workbench.tables import cell, csv_table

_FLOAT32_LIMIT = float(np.finfo(np.float32).max)
_CLASSES = {"0": 0, "1": 1}
Say = Callable[[str], None]


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


def parse(data: bytes, source: str, say: Say = lambda _: None) -> Dataset:
    """A dataset from CSV text. `source` names it in errors; `say` gets a line for each guess and each changed value.

    Raises DataError for text that is not UTF-8, missing, extra or doubled columns, ragged rows, no rows, text in a
    number, and a label that is not 0 or 1 or has one class only.
    """
    header, lines, columns = _columns(csv_table.decode(data, source), source, say)
    _check_header(header, source)
    cells = dict(zip(header, map(_Cells.of, columns), strict=True))
    label = _label(cells[LABEL], lines, source)
    customer = _customer(cells[CUSTOMER], lines, source)
    features: dict[str, npt.NDArray[Any]] = {}
    for column in FEATURES:
        if column.kind == "string":
            features[column.name], told = _texts(cells[column.name], column, lines)
        else:
            features[column.name], told = _numbers(cells[column.name], column, lines, source)
        for remark in told:
            say(f"{source}: {remark}")
    return Dataset(pd.DataFrame(features), label, customer)


def _columns(text: str, source: str, say: Say) -> tuple[list[str], Sequence[int], list[npt.NDArray[np.object_]]]:
    """The header in lower case, each row's line number in the file, and the cells of each column as text.

    Text without quotes, blank lines and ragged rows, as most is, needs no CSV reader but a fast one.
    """
    divided, remarks = csv_table.delimiter(text, source)
    plain = text.replace("\r\n", "\n").removesuffix("\n")
    lines = plain.split("\n")
    count = lines[0].count(divided)
    usual = not ('"' in plain or "\r" in plain) and count and len(lines) > 1
    if not usual or {line.count(divided) for line in lines} != {count}:
        table = csv_table.parse_text(text, divided, source, remarks)
        for remark in table.remarks:
            say(remark)
        return _header(table.names), table.lines, [np.array(column, dtype=object) for column in table.columns]
    for remark in (*remarks, *csv_table.name_remarks(lines[0].split(divided), source)):
        say(remark)
    frame = pd.read_csv(
        io.StringIO(plain),
        header=None,
        sep=divided,
        skiprows=1,
        names=range(count + 1),
        index_col=False,
        dtype=object,
        na_filter=False,
        quoting=csv.QUOTE_NONE,
    )
    columns = [frame[place].to_numpy(dtype=object) for place in frame]
    return _header(lines[0].split(divided)), range(2, len(lines) + 1), columns


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


def _numbers(
    cells: _Cells, column: Column, lines: Sequence[int], source: str
) -> tuple[npt.NDArray[np.float32], list[str]]:
    doubles = np.array([_number(text) for text in cells.texts])
    wrong = np.isinf(doubles)[cells.place]
    if wrong.any():
        row = int(np.argmax(wrong))
        raise DataError(f"{source}: line {lines[row]}, column {column.name!r}: {cells[row]!r} is not a finite number")
    values = doubles.astype(np.float32)
    # Fractions are rounded as ever; a whole number that becomes another is worth a word.
    changed = ((doubles == np.round(doubles)) & (values != doubles))[cells.place]
    if not changed.any():
        return values[cells.place], []
    row = int(np.argmax(changed))
    kept = f"is {values[cells.place[row]]:.0f} to the model, which computes in 32 bits"
    return values[cells.place], [f"{column.name}: {cells[row].strip()!r} in line {lines[row]} {kept}"]


def _number(text: str) -> float:
    """NaN for a missing cell, infinity for one that is no number a float32 can hold."""
    if text.strip() in cell.EMPTY:
        return math.nan
    value = cell.number(text.strip())
    return value if value is not None and abs(value) <= _FLOAT32_LIMIT else math.inf


def _texts(cells: _Cells, column: Column, lines: Sequence[int]) -> tuple[npt.NDArray[np.object_], list[str]]:
    known = ["" if text.strip() in cell.EMPTY else text.strip() for text in cells.texts]
    spaced = np.array([text != text.strip() for text in cells.texts])[cells.place]
    line = lines[int(np.argmax(spaced))]
    told = [f"{column.name}: white space around a text is dropped, first in line {line}"] if spaced.any() else []
    return np.array(known, dtype=object)[cells.place], told


def _label(cells: _Cells, lines: Sequence[int], source: str) -> npt.NDArray[np.int64]:
    label = np.array([_CLASSES.get(text.strip(), -1) for text in cells.texts])[cells.place]
    if (label < 0).any():
        row = int(np.argmin(label))
        raise DataError(f"{source}: line {lines[row]}, column {LABEL!r}: {cells[row]!r} is neither 0 nor 1")
    if len(classes := np.unique(label)) == 1:
        raise DataError(f"{source}: column {LABEL!r} is {classes[0]} in all {len(label)} rows; both 0 and 1 are needed")
    return label


def _customer(cells: _Cells, lines: Sequence[int], source: str) -> npt.NDArray[np.str_]:
    names = [text.strip() for text in cells.texts]
    empty = np.array([name in cell.EMPTY for name in names])[cells.place]
    if empty.any():
        row = int(np.argmax(empty))
        raise DataError(f"{source}: line {lines[row]}, column {CUSTOMER!r} is empty; each row belongs to a customer")
    return np.array(names)[cells.place]
