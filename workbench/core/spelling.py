"""What somebody may have meant by a name that isn't known. Knows no names itself."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """`did you mean 'churn'?` for the nearest of `known`, "" when none is near."""
    near = nearest(wrong, known)
    return f"did you mean {near!r}?" if near else ""


def nearest(wrong: str, known: Iterable[str]) -> str:
    """The nearest of `known`, whatever the case of its letters; "" when none is near."""
    by_lower = {each.lower(): each for each in known}
    near = get_close_matches(wrong.lower(), list(by_lower), n=1)
    return by_lower[near[0]] if near else ""
