"""Asking the `pulumi` program what it knows: its output is read, its words are told in one line."""

import subprocess

from model import home
from model.errors import ServiceError


def ask(*arguments: str, stack: str = "") -> subprocess.CompletedProcess[str]:
    """Run it in the project, of `stack` if one is named; how it ended is the caller's affair.

    Raises ServiceError if there is no such program.
    """
    command = ["pulumi", *arguments, "--non-interactive", "--color", "never", *(["-s", stack] if stack else [])]
    try:
        return subprocess.run(command, cwd=home.project(), capture_output=True, text=True, check=False)
    except OSError as error:
        raise ServiceError('pulumi is not on PATH; run: make up, then: eval "$(make -s env)"') from error


def reason(done: subprocess.CompletedProcess[str], otherwise: str) -> str:
    """The first line of what it complained of; `otherwise` where it said nothing."""
    lines = [line.removeprefix("error: ") for line in done.stderr.splitlines() if line.strip()]
    return lines[0] if lines else otherwise
