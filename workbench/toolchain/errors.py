"""Every error the toolchain raises on purpose; each message is one line that ends with what to do next."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


_VERB = re.compile(r"[a-z][a-z-]*")


class ToolchainError(Exception):
    """Root of the tree; `__main__` turns it into `error: …` and exit code 1."""


class VersionsError(ToolchainError):
    """versions.toml lacks a key or holds a value that cannot be used."""


class MissingError(ToolchainError):
    """Something this machine does not have and that we may not or cannot bring."""


class ChecksumError(ToolchainError):
    """Bytes that arrived are not the bytes that were published."""


class CommandError(ToolchainError):
    """A program ended with another exit code than 0."""

    def __init__(self, argv: Sequence[str], code: int, last_line: str, log: Path | None) -> None:
        """Name the program, its last words and where the rest of them lies."""
        verbs = [word for word in argv[1:] if _VERB.fullmatch(word)][:2]
        program = " ".join([argv[0].rsplit("/", 1)[-1], *verbs])
        reason = f": {last_line}" if last_line else ""
        where = f" (whole output: {log})" if log else ""
        super().__init__(f"`{program}` ended with {code}{reason}{where}")


class StepsError(ToolchainError):
    """One or more steps of a run failed; each has said so and named its log."""
