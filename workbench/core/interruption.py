"""Whether this process was asked to end. An interrupt inside a compiled library can come out as an error of its own."""

import signal
from types import FrameType
from typing import NoReturn

_came: list[int] = []


def came() -> bool:
    return bool(_came)


def listen() -> None:
    """Treat SIGTERM as Ctrl-C, and remember both."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGINT, _interrupt)


def _interrupt(number: int, _frame: FrameType | None) -> NoReturn:
    _came.append(number)
    raise KeyboardInterrupt
