"""Printing several logs at once."""

import threading
from collections.abc import Iterable, Sequence
from queue import SimpleQueue


def show(logs: Sequence[tuple[str, Iterable[str]]], *, follow: bool) -> None:
    """Print logs by name, each line behind its log's name when there are several; at once where they go on.

    A log that breaks off raises here what it raised: at once where logs go on, else after the others.
    """
    ended: SimpleQueue[Exception | None] = SimpleQueue()
    failures = []
    for name, lines in logs:
        prefix = f"{name}: " if len(logs) > 1 else ""
        threading.Thread(target=_copy, args=(lines, prefix, ended), daemon=True).start()
        if not follow:
            failures.append(ended.get())
    for failure in (ended.get() for _ in logs) if follow else failures:
        if failure:
            raise failure


def _copy(lines: Iterable[str], prefix: str, ended: "SimpleQueue[Exception | None]") -> None:
    try:
        for line in lines:
            print(f"{prefix}{line}", flush=True)
    except Exception as error:  # noqa: BLE001 - who waits for the end raises it
        ended.put(error)
    else:
        ended.put(None)
