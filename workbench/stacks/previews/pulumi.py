"""Asking Pulumi what it would do, or what is no longer as it was left. Writes to no engine and to no state."""

import json
from typing import Any

from workbench.core import home
from workbench.core.errors import ServiceError
from workbench.stacks.services import pulumi_cli

_PREVIEW = ("preview", "--json", "--show-sames")
_DRIFT = ("refresh", "--preview-only", "--json")


def preview(stack: str) -> tuple[dict[str, Any], int]:
    """The document of `pulumi preview --json`, with `diagnostics` where the program fails, and how pulumi ended."""
    return _document(stack, _PREVIEW)


def drift(stack: str) -> tuple[dict[str, Any], int]:
    """The same of `pulumi refresh --preview-only --json`: it looks at each thing on its engine."""
    return _document(stack, _DRIFT)


def stacks() -> list[str]:
    """The project's stacks that have a file here, by name. Raises ServiceError."""
    try:
        known = sorted(pulumi_cli.stacks())
    except ServiceError as error:
        raise ServiceError(f"the project's stacks are not known: {error}") from error
    return [name for name in known if home.stack_file(name).is_file()]


def _document(stack: str, command: tuple[str, ...]) -> tuple[dict[str, Any], int]:
    """Raises ServiceError, one line, when Pulumi answers no document."""
    home.stack_file(stack)
    done = pulumi_cli.ask(*command, stack=stack)
    try:
        found = json.loads(done.stdout)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ServiceError(f"stack {stack}: {pulumi_cli.reason(done)}")
    return found, done.returncode
