"""A word on the terminal while something takes longer than a second. Says nothing in a pipe or a log."""

import contextlib
import itertools
import sys
import threading
import time
from collections.abc import Iterator

_PATIENCE_SECONDS = 1.0
_TURN_SECONDS = 0.1
_TURNING = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_CLEAR = "\r\x1b[2K"


@contextlib.contextmanager
def waiting(what: str) -> Iterator[None]:
    """Show `what` and the seconds on stderr from the first second on, and wipe it away at the end.

    Lines that are printed meanwhile may cut through it: keep it around work that prints nothing.
    """
    if not sys.stderr.isatty():
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_turn, args=(what, ended), daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _turn(what: str, ended: threading.Event) -> None:
    began = time.monotonic()
    if ended.wait(_PATIENCE_SECONDS):
        return
    for sign in itertools.cycle(_TURNING):
        print(f"{_CLEAR}{sign} {what}, {time.monotonic() - began:.0f} s", end="", file=sys.stderr, flush=True)
        if ended.wait(_TURN_SECONDS):
            break
    print(_CLEAR, end="", file=sys.stderr, flush=True)
