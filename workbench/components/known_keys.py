"""Stops this program at what the files say and nobody reads: no typo in a key may change, or end, what runs."""

from __future__ import annotations

from pulumi.runtime import config

from workbench.components.errors import InfraError
from workbench.components.served import Served
from workbench.core import home, project_file, stack_keys
from workbench.core.errors import WorkbenchError


def check(project: str, stack: str) -> str:
    """Refuse keys of the project's namespace, of the stack's file and of the project's that are not known.

    Gives the name of the stack's file. Raises InfraError.
    """
    try:
        file, declared = home.stack_file(stack), home.read_project()
        if file.is_file() and (problem := stack_keys.unknown_of_stack_file(project_file.load(file))):
            raise InfraError(f"{file.name}: {problem}")
    except WorkbenchError as error:
        raise InfraError(str(error)) from error
    own = stack_keys.declared(declared.config, project) if declared else set()
    if problem := stack_keys.unknown(config.CONFIG.get(), project, own):
        raise InfraError(f"{file.name}: {problem}")
    return file.name


def check_kept(project: str, stack: str, serving: Served) -> None:
    """Refuse to end all services where no file says a word of them. Raises InfraError."""
    key = f"{project}:services"
    if key not in config.CONFIG.get() and serving.manifests:
        raise InfraError(
            f"Pulumi.{stack}.yaml: {key} is missing, but this stack serves {', '.join(sorted(serving.manifests))}; "
            f"bring it back, or, to end them all, write: {key}: {{}}"
        )
