"""Asking the `pulumi` program what it knows: its output is read, its words are told in one line."""

import json
import subprocess
from itertools import takewhile
from typing import Any

from workbench.core import home
from workbench.core.errors import ServiceError
from workbench.stacks.services import pulumi_words


def ask(*arguments: str, stack: str = "") -> subprocess.CompletedProcess[str]:
    """Run it in the project, of `stack` if one is named; how it ended is the caller's affair.

    Raises ServiceError if there is no such program.
    """
    command = ["pulumi", *arguments, "--non-interactive", "--color", "never", *(["-s", stack] if stack else [])]
    try:
        return subprocess.run(command, cwd=home.project(), capture_output=True, text=True, check=False)
    except OSError as error:
        raise ServiceError('pulumi is not on PATH; run: make engines, then: eval "$(make -s env)"') from error


def ask_json(*arguments: str, stack: str = "") -> Any:  # noqa: ANN401 - any JSON value
    """What it answers in JSON. Raises ServiceError, with the reason, where it fails or answers something else."""
    done = ask(*arguments, stack=stack)
    if done.returncode:
        raise ServiceError(reason(done))
    try:
        return json.loads(done.stdout)
    except ValueError as error:
        raise ServiceError(
            f"{_called(done)} answered no JSON: {done.stdout[:60]!r}; run it by hand to see why"
        ) from error


def stacks(*, of_all_projects: bool = False) -> list[str]:
    """Names of the project's stacks, or of all that the backend has, those of others in full. Raises ServiceError."""
    listed = ask_json("stack", "ls", *(["--all"] if of_all_projects else []), "--json")
    if not isinstance(listed, list):
        raise ServiceError("pulumi stack ls answered no list; run it by hand to see why")
    return [str(each["name"]) for each in listed]


def reason(done: subprocess.CompletedProcess[str]) -> str:
    """Why it failed, in one line."""
    return pulumi_words.reason(done.stderr) or f"{_called(done)} ended with {done.returncode} and said nothing"


def _called(done: subprocess.CompletedProcess[str]) -> str:
    return " ".join(takewhile(lambda word: not word.startswith("-"), done.args))
