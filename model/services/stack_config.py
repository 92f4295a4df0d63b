"""A stack's configuration as its file and the project's have it: plain values, secrets still sealed. Reads only."""

from typing import Any

from model import home
from model.services import stack_file


def read(stack: str) -> dict[str, Any]:
    """By key without the project's name: what the stack's file says, else the default in Pulumi.yaml.

    Raises StackFileError.
    """
    path = home.stack_file(stack)
    prefix = stack_file.key(path, "")
    declared = stack_file.config(home.project() / "Pulumi.yaml")
    defaults = {key: each["default"] for key, each in declared.items() if isinstance(each, dict) and "default" in each}
    chosen = {key.removeprefix(prefix): each for key, each in stack_file.config(path).items() if key.startswith(prefix)}
    return defaults | chosen
