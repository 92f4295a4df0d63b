"""Names that people type: completed by the shell, and corrected in an error. Reads names only, and never fails.

A parameter declared with `autocompletion=suggestions.models` gets both.
"""

import functools
from collections.abc import Callable, Iterable
from typing import Any

import typer

from workbench.core import home
from workbench.core.errors import WorkbenchError
from workbench.core.spelling import did_you_mean

_MEANT = "did you mean"  # what knows more than completion has said it already
Complete = Callable[[str], list[str]]


def _quiet(complete: Callable[[str], Iterable[str]]) -> Complete:
    """A shell that completes a line has no place for an error: no names then."""

    @functools.wraps(complete)
    def names(incomplete: str) -> list[str]:
        try:
            return list(complete(incomplete))
        except Exception:  # noqa: BLE001 - see above
            return []

    return names


@_quiet
def models(incomplete: str) -> Iterable[str]:
    """Names of models; after a colon NAME:VERSION."""
    from workbench.registry.models.registry import ModelRegistry  # completion of other words needs no registry

    name, colon, _ = incomplete.partition(":")
    versions = ModelRegistry().list(name if colon else None)
    return dict.fromkeys(version.label if colon else version.name for version in versions)


@_quiet
def runs(incomplete: str) -> Iterable[str]:  # noqa: ARG001 - typer calls it by this name
    """Ids of runs, newest first."""
    from workbench.experiments.runs import run_record  # as above

    return [str(run["id"]) for run in reversed(run_record.list_all())]


@_quiet
def stacks(incomplete: str) -> Iterable[str]:  # noqa: ARG001 - typer calls it by this name
    """Names of the project's stacks, by their files."""
    return home.stack_files()


@_quiet
def services(incomplete: str) -> Iterable[str]:  # noqa: ARG001 - typer calls it by this name
    """Names of services that a stack's file of this project pins."""
    from workbench.stacks.services import stack_inputs  # ruamel is slow to import

    return dict.fromkeys(name for stack in stacks("") for name in stack_inputs.read_pins(home.stack_file(stack)))


def correct(command: Any) -> None:  # noqa: ANN401 - private in typer
    """Have a command add to its error what a name on its line may have meant."""
    verb: Callable[..., Any] = command.callback

    @functools.wraps(verb)
    def corrected(**values: Any) -> Any:  # noqa: ANN401 - a verb's own
        try:
            return verb(**values)
        except WorkbenchError as error:
            if _MEANT not in str(error) and (hint := _hint(command, values)):
                error.add_note(hint)
            raise

    command.callback = corrected


def _hint(command: Any, values: dict[str, Any]) -> str:  # noqa: ANN401 - private in typer
    """`did you mean 'churn'?` for the first value that completion knows something near to, but not itself."""
    context = typer.Context(command)
    for parameter in command.params:
        given = values.get(parameter.name)
        for value in given if isinstance(given, list | tuple) else [given]:
            if not isinstance(value, str) or not value:
                continue
            offered = {item.value for item in parameter.shell_complete(context, "") if item.type == "plain"}
            offered |= {item.value for item in parameter.shell_complete(context, value) if item.type == "plain"}
            if value not in offered and (hint := did_you_mean(value, offered)):
                return hint
    return ""
