"""Old Azure ML Workbench projects: each kind of file translated, with a remark for each line that did not stay."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

Verdict = Literal["kept", "translated", "left out", "needs you"]
TRANSLATED: Verdict = "translated"
LEFT_OUT: Verdict = "left out"
NEEDS_YOU: Verdict = "needs you"
KEPT: Verdict = "kept"


@dataclass(frozen=True)
class Remark:
    """What became of a part of an old project: which file and line, what stood there, why, and what to do about it."""

    file: str
    line: int
    what: str
    verdict: Verdict
    why: str
    todo: str = ""


@dataclass(frozen=True)
class Translation:
    """A file's new text, None when it is not taken, and the remarks about it."""

    text: str | None
    remarks: Sequence[Remark] = ()


def place(remark: Remark) -> str:
    """`file:line`, or the file alone."""
    return f"{remark.file}:{remark.line}" if remark.line else remark.file


def line(remark: Remark) -> str:
    """For a terminal: where, what became of it, why, what to do."""
    todo = f"; {remark.todo}" if remark.todo else ""
    return f"{place(remark)}: {remark.verdict}: {remark.what}: {remark.why}{todo}"
