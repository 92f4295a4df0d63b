"""Programs that tests start beside themselves: ready when they answer, ended with the block."""

from __future__ import annotations

import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.waiting import patience, until

LAST_WORDS = 2000


@contextmanager
def running(
    command: Sequence[str | Path],
    log: Path,
    ready: Callable[[], object],
    *,
    environment: Mapping[str, str] | None = None,
    folder: Path | None = None,
    end: Callable[[subprocess.Popen[bytes]], None] = subprocess.Popen.terminate,
) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program until the end of the block.

    Args:
        command: the program and its arguments.
        log: the file that takes what it prints.
        ready: asked again and again until it is true.
        environment: its environment, ours where none is given.
        folder: where it runs.
        end: how it is asked to end.

    Raises:
        AssertionError: it ended, or was not ready in time; with its last words.

    """
    with log.open("wb") as told:
        process = subprocess.Popen(command, cwd=folder, env=environment, stdout=told, stderr=told)
    try:
        await_ready(process, log, ready)
        yield process
    finally:
        end(process)
        process.wait(timeout=patience())


def await_ready(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], object]) -> None:
    """Return when a program that runs is ready; fail with its last words when it ends before that."""

    def is_ready() -> bool:
        assert process.poll() is None, _last_words(log)
        return bool(ready())

    until(is_ready, pause=0.1, say=lambda: _last_words(log))


def answers(url: str) -> bool:
    """Whether a server answers at a URL, with whatever status."""
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        direct.open(url, timeout=5).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True


def _last_words(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-LAST_WORDS:]
