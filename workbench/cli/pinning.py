"""Pinning a manifest in stacks' files: what `train` and `manifest create` end with."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli import suggestions
from workbench.cli.printing import say
from workbench.core.errors import WorkbenchError

StacksOption = Annotated[
    list[str] | None,
    typer.Option("--stack", help="Pin the manifest in this stack; repeatable.", autocompletion=suggestions.stacks),
]


def files(stacks: Sequence[str] | None) -> dict[str, Path]:
    """The stacks' files, found fit to be written before any work is done. Raises StackFileError, or EnvironmentsError.

    A stack that neither has a file nor is in the backend is refused.
    """
    from workbench.stacks.environments import environment  # ruamel is slow to import
    from workbench.stacks.services import stack_inputs  # ruamel is slow to import

    found = {stack: environment.file_to_write(stack) for stack in stacks or []}
    for path in found.values():
        stack_inputs.read_pins(path)
    return found


def pinned(found: dict[str, Path], service: str) -> dict[str, tuple[str, dict[str, Any]]]:
    """By stack, the label and the metrics of the model that its file pins for `service`; stacks without one are out."""
    from workbench.registry.manifests import manifest
    from workbench.registry.models.registry import ModelRegistry
    from workbench.stacks.services import stack_inputs  # ruamel is slow to import

    registry, answer = ModelRegistry(), {}
    for stack, path in found.items():
        pins = stack_inputs.read_pins(path).get(service, {})
        with suppress(WorkbenchError):  # what is pinned may be in another registry
            model = manifest.find(pins.get("manifest", "")).models[0]
            version = registry.get(model["name"], model["version"])
            answer[stack] = (version.label, version.metrics)
    return answer


def pin(found: dict[str, Path], service: str, manifest_id: str) -> None:
    """Write the pin where it is not yet, and say what comes next."""
    from workbench.stacks.services import stack_inputs  # ruamel is slow to import

    for stack, path in found.items():
        changed = stack_inputs.pin_manifest(path, service, manifest_id)
        say(f"{path.name} {'now pins' if changed else 'already pins'} {manifest_id[:19]}…; next: pulumi up -s {stack}")
