"""Pinning a manifest in stacks' files: what `train` and `manifest create` end with."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from model.cli import suggestions
from model.cli.printing import say

StacksOption = Annotated[
    list[str] | None,
    typer.Option("--stack", help="Pin the manifest in this stack; repeatable.", autocompletion=suggestions.stacks),
]


def files(stacks: Sequence[str] | None) -> dict[str, Path]:
    """The stacks' files, found fit to be written before any work is done. Raises StackFileError, or EnvironmentsError.

    A stack that neither has a file nor is in the backend is refused.
    """
    from model.environments import environment  # ruamel is slow to import
    from model.services import stack_inputs  # ruamel is slow to import

    found = {stack: environment.file_to_write(stack) for stack in stacks or []}
    for path in found.values():
        stack_inputs.read_pins(path)
    return found


def pin(found: dict[str, Path], service: str, manifest_id: str) -> None:
    """Write the pin where it is not yet, and say what comes next."""
    from model.services import stack_inputs  # ruamel is slow to import

    for stack, path in found.items():
        changed = stack_inputs.pin_manifest(path, service, manifest_id)
        say(f"{path.name} {'now pins' if changed else 'already pins'} {manifest_id[:19]}…; next: pulumi up -s {stack}")
