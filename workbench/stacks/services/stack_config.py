"""A stack's configuration as its file and the project's have it: plain values, secrets still sealed. Reads only."""

from collections.abc import Mapping
from typing import Any

from workbench.core import home
from workbench.stacks.services import stack_file

_DEFAULTS = ("value", "default")


def read(stack: str) -> dict[str, Any]:
    """By key without the project's name: what the stack's file says, else what the project's file gives all stacks.

    Raises StackFileError.
    """
    project = home.read_project()
    prefix = f"{project.name if project else home.project_name()}:"
    given = {key: each for key, value in (project.config if project else {}).items() for each in _values(value)}
    return _plain(given, prefix) | _plain(stack_file.config(home.stack_file(stack)), prefix)


def _plain(found: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    return {key.removeprefix(prefix): value for key, value in found.items() if ":" not in key.removeprefix(prefix)}


def _values(declared: Any) -> list[Any]:  # noqa: ANN401 - any YAML value
    """The value that a key of a project's file has: of a declaration perhaps none."""
    if not isinstance(declared, Mapping):
        return [declared]
    return [declared[key] for key in _DEFAULTS if key in declared][:1]
