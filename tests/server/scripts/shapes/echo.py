"""Answers what it is given: one argument of any kind."""

from typing import Any


def init() -> None:
    pass


def run(value: Any) -> Any:
    return value
