"""Running other programs: their output goes to a log, their failure becomes one line."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from workbench.toolchain.errors import CommandError, MissingError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

_OUTPUT = threading.Lock()

_NO_REASON = {"error: update failed", "error: 1 error occurred:"}


def say(line: str) -> None:
    """Print one whole line for people on stderr, never mixed with another thread's."""
    with _OUTPUT:
        print(line, file=sys.stderr, flush=True)


@dataclass(frozen=True)
class Log:
    """What a step writes to: lines for people under its name, and a file for all that its programs print."""

    name: str
    path: Path
    _started: list[bool] = field(default_factory=list, repr=False, compare=False)
    _progress: list[str] = field(default_factory=list, repr=False, compare=False)

    def say(self, line: str) -> None:
        say(f"[{self.name}] {line}")

    def note_progress(self, text: str) -> None:
        """Keep how far the step is, for whoever asks; it is no line of its own."""
        self._progress[:] = [text]

    @property
    def progress(self) -> str:
        """How far the step is, e.g. "120 of 480 packages"; empty if it never said."""
        return self._progress[0] if self._progress else ""

    def run(
        self,
        argv: Sequence[str | os.PathLike[str]],
        *,
        cwd: Path | None = None,
        extra: Mapping[str, str] | None = None,
        heard: Callable[[str], None] | None = None,
    ) -> None:
        """Run a program to its end with its output in the log, and hand each line to `heard`.

        `extra` is added to the environment.

        Raises:
            MissingError: there is no such program.
            CommandError: its exit code is not 0.

        """
        command = [os.fspath(part) for part in argv]
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # The first program of a step starts the file anew, so that a log tells of one run only.
        with self.path.open("ab" if self._started else "wb") as file:
            self._started.append(True)
            file.write(f"$ {' '.join(command)}\n".encode())
            file.flush()
            try:
                code = _run(command, cwd, _with(extra), file, heard)
            except FileNotFoundError:
                raise MissingError(f"{command[0]}: no such program; install it and try again") from None
        if code != 0:
            raise CommandError(command, code, _last_words(self.path), self.path)


def _run(
    command: list[str],
    cwd: Path | None,
    environment: Mapping[str, str],
    file: BinaryIO,
    heard: Callable[[str], None] | None,
) -> int:
    """Run a program to its end; only who hears its lines waits for all that hold its output, daemons too."""
    output = subprocess.PIPE if heard else file
    with subprocess.Popen(
        command, cwd=cwd, env=environment, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT
    ) as process:
        for line in process.stdout or ():
            file.write(line)
            file.flush()
            if heard:
                heard(line.decode(errors="replace").rstrip("\n"))
    return process.returncode


def read(
    argv: Sequence[str | os.PathLike[str]],
    *,
    cwd: Path | None = None,
    extra: Mapping[str, str] | None = None,
    seconds: float | None = None,
) -> str:
    """Run a program, for `seconds` at most, and return its stdout.

    Raises:
        MissingError: there is no such program.
        CommandError: its exit code is not 0, or it did not end in time.

    """
    command = [os.fspath(part) for part in argv]
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=_with(extra),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",  # whatever the locale is
            errors="replace",
            check=False,
            timeout=seconds,
        )
    except subprocess.TimeoutExpired:
        raise CommandError(command, 124, f"no answer within {seconds:.0f} s", None) from None
    except (FileNotFoundError, PermissionError, NotADirectoryError):
        raise MissingError(f"{command[0]}: no such program; install it and try again") from None
    if done.returncode != 0:
        lines = done.stderr.strip().splitlines()
        raise CommandError(command, done.returncode, lines[-1] if lines else "", None)
    return done.stdout


def _with(extra: Mapping[str, str] | None) -> dict[str, str]:
    return {**os.environ, **(extra or {})}


def _last_words(path: Path) -> str:
    """Return the last error a program told, else its last line; pulumi tells its reason before a summary."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - 16384))
        lines = [line.strip() for line in file.read().decode(errors="replace").strip().splitlines()]
    reasons = [line for line in lines if line.startswith("error:") and line not in _NO_REASON]
    return (reasons or lines or [""])[-1]
