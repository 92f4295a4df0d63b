"""What a pod's container prints, followed through lost connections: by the time that the cluster puts before lines."""

import contextlib
import json
import queue
import re
import threading
from collections.abc import Callable, Iterator
from typing import Any

from workbench.clusters.cluster import ClusterError
from workbench.core.errors import WorkbenchError

_STAMPED = re.compile(r"(\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:\d\d)) ?(.*)", re.DOTALL)
_SILENCE_SECONDS = 30.0


class Lines:
    """Lines as they were printed, each once, however often the log is read from its beginning."""

    def __init__(self, mark: str) -> None:
        self.ended: dict[str, Any] | None = None
        self._mark = mark
        self._last: tuple[str, int] = ("", 0)  # the time of the last line, and how many lines had that time

    def fresh(self, log: Iterator[str]) -> Iterator[bytes]:
        """Those of a log that were not seen, until it ends or says that the script has."""
        time, count, skips = "", 0, False
        for line in log:
            found = _STAMPED.fullmatch(line)
            # What has no time is a part of the line before: some letters end lines for readers, not for the cluster.
            text = found.group(2) if found else line
            if found:
                count = count + 1 if found.group(1) == time else 1
                time = found.group(1)
                skips = (_instant(time), count) <= (_instant(self._last[0]), self._last[1])
            if skips:
                continue
            self._last = (time, count)
            told, mark, ended = text.partition(self._mark)
            if mark:
                self.ended = json.loads(ended)
                if told:
                    yield told.encode()
                return
            yield f"{text}\n".encode()


class Follower:
    """A thread that reads a pod's log again and again until the script or the pod has ended."""

    def __init__(self, lines: Lines, log: Callable[[], Iterator[str]], is_over: Callable[[], bool]) -> None:
        self._lines, self._log, self._is_over = lines, log, is_over
        self._found: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._quit = threading.Event()
        threading.Thread(target=self._follow, daemon=True).start()

    def output(self) -> Iterator[bytes]:
        """What it prints until it ends; called again it goes on where it was."""
        while True:
            try:
                data = self._found.get(timeout=_SILENCE_SECONDS)
            except queue.Empty:
                # A node that is gone ends no connection.
                if self._is_over():
                    return
                continue
            if data is None:
                self._found.put(None)
                return
            yield data

    def quit(self) -> None:
        """Nobody listens any more."""
        self._quit.set()

    def _follow(self) -> None:
        try:
            # Whoever takes the output asks for the pod too, and says what is wrong with the cluster.
            with contextlib.suppress(WorkbenchError):
                while not self._lines.ended and not self._quit.is_set():
                    # Asked before the reading: what is over then has printed all.
                    over = self._is_over()
                    with contextlib.suppress(ClusterError):
                        for data in self._lines.fresh(self._log()):
                            self._found.put(data)
                    if over:
                        return
                    self._quit.wait(0.5)
        finally:
            self._found.put(None)


def _instant(time: str) -> tuple[str, str]:
    """A time in a form that compares: its second, then what follows, as the cluster leaves ending zeros out."""
    second, _, rest = time.rstrip("Z").partition(".")
    return second, rest.ljust(9, "0")
