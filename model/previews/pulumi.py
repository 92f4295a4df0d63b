"""Asking Pulumi what it would do, or what is no longer as it was left. Writes to no engine and to no state."""

import json
import subprocess
from typing import Any

from model import home
from model.errors import ServiceError
from model.services import pulumi_cli

_PREVIEW = ("preview", "--json", "--show-sames")
_DRIFT = ("refresh", "--preview-only", "--json")


def preview(stack: str) -> dict[str, Any]:
    """The document of `pulumi preview --json`, with `diagnostics` where the program fails."""
    return _document(stack, _PREVIEW)


def drift(stack: str) -> dict[str, Any]:
    """The document of `pulumi refresh --preview-only --json`: it looks at each thing on its engine."""
    return _document(stack, _DRIFT)


def stacks() -> list[str]:
    """The project's stacks that have a file here, by name. Raises ServiceError."""
    done = pulumi_cli.ask("stack", "ls", "--json")
    if done.returncode:
        raise ServiceError(f"the project's stacks are not known: {_line(done)}")
    known = sorted(str(each["name"]) for each in json.loads(done.stdout))
    return [name for name in known if home.stack_file(name).is_file()]


def _document(stack: str, command: tuple[str, ...]) -> dict[str, Any]:
    """Raises ServiceError, one line, when Pulumi answers no document."""
    home.stack_file(stack)
    done = pulumi_cli.ask(*command, stack=stack)
    try:
        found: dict[str, Any] = json.loads(done.stdout)
    except ValueError as error:
        raise ServiceError(f"stack {stack}: {_line(done)}") from error
    return found


def _line(done: subprocess.CompletedProcess[str]) -> str:
    return pulumi_cli.reason(done, f"pulumi ended with {done.returncode} and without a word")
