"""What somebody may have meant by a name that isn't known. Knows no names itself."""

from collections.abc import Iterable
from difflib import get_close_matches


def did_you_mean(wrong: str, known: Iterable[str]) -> str:
    """`did you mean 'churn'?` for the nearest of `known`, "" when none is near."""
    near = get_close_matches(wrong, list(known), n=1)
    return f"did you mean {near[0]!r}?" if near else ""
