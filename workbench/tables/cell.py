"""What the text of a cell means: missing, a number, a truth value. Pure; the standard library alone."""

import math
import re
from decimal import Decimal, InvalidOperation

MISSING = "\\N"
EMPTY = frozenset({"", MISSING})
TRUTH = {"true": True, "false": False}
LOWEST_WHOLE, HIGHEST_WHOLE = -(2**63), 2**63 - 1
# Above it, a double no longer has every whole number.
EXACT_WHOLE = 2**53
_WHOLE_DIGITS = 19
# As a number is written by a program; 007 and +49 are codes.
_WHOLE = re.compile(r"0|-?[1-9][0-9]*")
_NUMBER = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?")
# As people may write one where a number is wanted.
_MEANT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")
# What reads like a number to people: 25,356 or 1.234,5 or (12) or $5 or 10 %.
_NUMERIC = re.compile(r"[-+(]{0,2}\s?[$€£]?\s?[.,]?[0-9][0-9.,'_\s]*([eE][+-]?[0-9]+)?\s?[)%$€£-]?")
_NO_VALUE = frozenset({"na", "n/a", "#n/a", "nan", "null", "none", "nil", "-", "--", "?", "inf", "-inf"})


def is_whole(text: str) -> bool:
    """Whether it is a whole number as programs write one, of any length."""
    return _WHOLE.fullmatch(text) is not None


def is_number(text: str) -> bool:
    """Whether it is a number as programs write one, within what a double holds."""
    return _NUMBER.fullmatch(text) is not None and math.isfinite(float(text))


def reads_like_number(text: str) -> bool:
    """Whether people take it for a number, or for a missing one."""
    return _NUMERIC.fullmatch(text) is not None or text.lower() in _NO_VALUE


def number(text: str) -> float | None:
    """The number that is meant where one is wanted; None unless it is one that a double holds."""
    value = float(text) if _MEANT.fullmatch(text) else math.inf
    return value if math.isfinite(value) else None


def whole(text: str) -> int | None:
    """The whole number of 64 bits that is meant where one is wanted, such as 3 by 3.0; None if there is none."""
    if re.fullmatch(r"[+-]?[0-9]+", text):
        digits = text.lstrip("+-").lstrip("0") or "0"
        value = int(digits) * (-1 if text.startswith("-") else 1) if len(digits) <= _WHOLE_DIGITS else HIGHEST_WHOLE + 1
        return value if LOWEST_WHOLE <= value <= HIGHEST_WHOLE else None
    meant = number(text)
    fits = meant is not None and meant.is_integer() and abs(meant) <= EXACT_WHOLE and is_exact(text, meant)
    return int(meant) if fits and meant is not None else None


def is_exact(text: str, value: float) -> bool:
    """Whether `value`, written down again, is the number that `text` is."""
    try:
        return Decimal(text) == Decimal(repr(value))
    except InvalidOperation:  # an exponent of twenty digits
        return False
