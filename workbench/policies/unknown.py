"""What an engine will tell only when it did something: a preview's blank. A rule lets it pass; the `up` judges it."""

from __future__ import annotations

from typing import Any, Final


class _Unknown:
    def __repr__(self) -> str:
        return "known after up"


UNKNOWN: Final[Any] = _Unknown()
