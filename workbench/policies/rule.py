"""A rule: a name to speak of it, the reason for it, and what breaks it. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

Facts = TypeVar("Facts")


@dataclass(frozen=True)
class Rule(Generic[Facts]):
    """`broken` answers what is wrong, None when nothing is; `remedy` says what to do."""

    name: str
    reason: str
    remedy: str
    broken: Callable[[Facts], str | None]


@dataclass(frozen=True)
class Violation:
    """A rule broken by `where`. `excepted` says why and until when that is let pass, "" when it is not.

    `expired` is the day that an exception for it ended. `kind` is the type of resource, "" of what is none.
    """

    rule: str
    service: str | None
    where: str
    problem: str
    reason: str
    remedy: str
    excepted: str = ""
    expired: str = ""
    kind: str = ""

    def line(self) -> str:
        """For people, one sentence."""
        ended = f"; its exception ended on {self.expired}" if self.expired else ""
        return f"policy {self.rule}: {self.where} {self.problem}{ended}; {self.remedy}"
