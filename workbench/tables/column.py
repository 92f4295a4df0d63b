"""What the cells of a column are: guessed by all of them, or of a kind that somebody else declares.

A guess never changes a value: what would not be written down again as it stood stays text, or is told in a remark.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.core.errors import DataError
from workbench.tables import cell
from workbench.tables.csv_table import CsvTable

# Which cells are odd, and why they are.
Why = tuple[Callable[[str], bool], str]
KINDS = ("integer", "number", "boolean", "string")
_LONGEST = 40


@dataclass(frozen=True)
class Cells:
    """The different texts of a column in the order of their rows, and the line in which each stands first."""

    name: str
    texts: Sequence[str]
    lines: Sequence[int]

    @classmethod
    def of(cls, name: str, cells: Sequence[str], lines: Sequence[int]) -> "Cells":
        """The different ones of all cells [n]."""
        first: dict[str, int] = {}
        for text, line in zip(cells, lines, strict=True):
            first.setdefault(text, line)
        return cls(name, list(first), list(first.values()))


@dataclass(frozen=True)
class Column:
    """`kind` is one of KINDS, or "" where no cell holds a value; `values` has what each text means, None if missing."""

    kind: str
    values: Mapping[str, Any]
    remarks: tuple[str, ...] = ()


def guess(cells: Cells) -> Column:
    """The narrowest kind that all cells are of. A remark tells what people might not expect."""
    present = [
        (text.strip(), line)
        for text, line in zip(cells.texts, cells.lines, strict=True)
        if text.strip() not in cell.EMPTY
    ]
    kind, why = _kind([text for text, _ in present], missing=len(present) < len(cells.texts))
    told = []
    if why:
        odd = next((text, line) for text, line in present if why[0](text))
        told.append(f"{cells.name}: text; {_shown(odd[0])} in line {odd[1]} {why[1]}")
    if not kind:
        told.append(f"{cells.name}: no cell holds a value, so nothing is known of it")
    found = typed(cells, kind, "")
    return Column(kind, found.values, (*told, *found.remarks))


def typed(cells: Cells, kind: str, source: str) -> Column:
    """The cells of a column that is declared to be of `kind`; any value of a text is right where that is "".

    Raises DataError, opened by `source`, for a cell that is not of the kind.
    """
    values: dict[str, Any] = {}
    told: dict[str, str] = {}
    for text, line in zip(cells.texts, cells.lines, strict=True):
        plain = text.strip()
        if plain in cell.EMPTY:
            values[text] = None
            continue
        value = _CONVERT[kind](plain)
        if value is None:
            raise DataError(f"{source}: line {line}, column {cells.name!r}: {_shown(plain)} is no {kind}")
        values[text] = value
        if kind == "number" and not cell.is_exact(plain, value):
            told.setdefault("exact", f"{cells.name}: {_shown(plain)} in line {line} is kept as {value!r}, as a double")
    spaced = (
        line
        for text, line in zip(cells.texts, cells.lines, strict=True)
        if text != text.strip() and (kind in ("string", "") or text.strip() in cell.EMPTY)
    )
    if line := next(spaced, 0):
        told["space"] = f"{cells.name}: white space around a text is dropped, first in line {line}"
    return Column(kind, values, tuple(told.values()))


def columns(
    table: CsvTable, kinds: Mapping[str, str] | None = None
) -> tuple[dict[str, tuple[str, list[Any]]], list[str]]:
    """Kind and values [n] of each column by its name, and all remarks. `kinds` declares columns, others are guessed."""
    found: dict[str, tuple[str, list[Any]]] = {}
    told = list(table.remarks)
    for name, texts in zip(table.names, table.columns, strict=True):
        cells = Cells.of(name, texts, table.lines)
        declared = (kinds or {}).get(name, "")
        column = typed(cells, declared, table.source) if declared else guess(cells)
        found[name] = column.kind, [column.values[text] for text in texts]
        told += [f"{table.source}: {remark}" for remark in column.remarks]
    return found, told


def rows(table: CsvTable, kinds: Mapping[str, str] | None = None) -> tuple[list[dict[str, Any]], list[str]]:
    """As `columns`, but an object a row."""
    found, told = columns(table, kinds)
    values = zip(*(each for _, each in found.values()), strict=True)
    return [dict(zip(found, row, strict=True)) for row in values], told


def _kind(texts: Sequence[str], *, missing: bool) -> tuple[str, Why | None]:
    """The kind of all texts, and for a text that people may take for another kind: which cells are odd, and why."""
    kind, why = "", None
    if all(map(_is_truth, texts)):
        kind = "boolean" if texts else ""
    elif any(map(_is_truth, texts)):
        why = (lambda text: not _is_truth(text)), "is neither true nor false"
    elif all(map(cell.is_whole, texts)):
        kind, why = "integer", _trouble_with_wholes(texts, missing=missing)
    elif all(map(cell.is_number, texts)):
        kind = "number"
        if any(map(_is_long_whole, texts)):
            why = _is_long_whole, "has more digits than a double keeps"
    elif any(map(cell.reads_like_number, texts)):
        odd = next(text for text in texts if not cell.is_number(text))
        why = (lambda text: not cell.is_number(text)), _reason(odd)
    else:
        kind = "string"
    return ("string", why) if why else (kind, None)


def _trouble_with_wholes(texts: Sequence[str], *, missing: bool) -> Why | None:
    if any(cell.whole(text) is None for text in texts):
        return (lambda text: cell.whole(text) is None), "needs more than 64 bits"
    if missing and any(map(_is_long_whole, texts)):
        # In a frame a missing number makes doubles of all others.
        return _is_long_whole, "has more digits than a double keeps, and cells are missing"
    return None


def _is_truth(text: str) -> bool:
    return text.lower() in cell.TRUTH


def _is_long_whole(text: str) -> bool:
    """Whether it is a whole number that a double need not have."""
    value = cell.whole(text)
    return cell.is_whole(text) and (value is None or abs(value) > cell.EXACT_WHOLE)


def _reason(text: str) -> str:
    if not any(map(str.isdigit, text)):
        return "is not a number; leave the cell empty if it is missing"
    if cell.number(text) is None:
        return "is not a number"
    return "is not written as a number is, which would lose that"


def _shown(text: str) -> str:
    return repr(text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…")


_CONVERT: dict[str, Callable[[str], Any]] = {
    "integer": cell.whole,
    "number": cell.number,
    "boolean": lambda text: cell.TRUTH.get(text.lower()),
    "string": str,
    "": str,
}
