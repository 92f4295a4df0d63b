"""Verbs that are imported when they are called: help and completion of the top level read a table alone.

Owns what all verbs have alike: `--debug`, examples at the end of their help, a word about a mistyped name.
"""

import importlib
import re
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup

from workbench.cli import suggestions

_EXAMPLE = re.compile(r"^Example: *", re.MULTILINE)


class Verb(NamedTuple):
    """One line of the table: the word, the module that has it, and the line that the help of `workbench` shows.

    The module has `app` (a typer.Typer) when the verb has verbs of its own, else a function of the verb's name.
    """

    name: str
    module: str
    help: str


class Verbs(TyperGroup):
    """The top level. A verb's module is imported when the verb, its help or its completion is asked for."""

    table: ClassVar[Sequence[Verb]] = ()

    def __init__(self, **settings: Any) -> None:  # noqa: ANN401 - typer's own, many
        settings["commands"] = {verb.name: TyperCommand(verb.name, help=verb.help) for verb in self.table}
        super().__init__(**settings)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:  # noqa: ANN401 - private in typer
        """The verb itself in the place of its line."""
        name, line, rest = super().resolve_command(ctx, args)
        return name, self.load(name) if name and line else None, rest

    def load(self, name: str) -> Any:  # noqa: ANN401 - private in typer
        """The command of a verb in the table."""
        (verb,) = [each for each in self.table if each.name == name]
        module = importlib.import_module(verb.module)
        app: typer.Typer | None = getattr(module, "app", None)
        if app:
            command: Any = typer.main.get_group(app)
        else:
            single = typer.Typer(add_completion=False, rich_markup_mode=None)
            single.command(name)(getattr(module, name.replace("-", "_")))
            command = typer.main.get_command(single)
        command.name = name
        # Typer writes its own two completion switches into the top level only; ours stands beside them.
        self._furnish(command, [param for param in self.params if param.name == "debug"])
        return command

    def _furnish(self, command: Any, shared: list[Any]) -> None:  # noqa: ANN401 - private in typer
        command.params = [*command.params, *shared]
        command.rich_markup_mode = None
        command.help, examples = _divide(command.help or "")
        if examples:
            # A line of \b alone keeps what follows from being wrapped, so that it can be copied.
            command.epilog = "\n".join(["\b", "Examples:", *(f"  {example}" for example in examples)])
        for each in getattr(command, "commands", {}).values():
            self._furnish(each, shared)
        if not hasattr(command, "commands"):
            suggestions.correct(command)


def _divide(text: str) -> tuple[str, list[str]]:
    """A docstring's text and its examples: each begins a line by `Example:` and ends at the next or a blank line."""
    kept: list[str] = []
    examples: list[str] = []
    for paragraph in text.split("\n\n"):
        head, *found = _EXAMPLE.split(paragraph)
        kept += [head.rstrip()] if head.strip() else []
        examples += [" ".join(each.split()) for each in found]
    return "\n\n".join(kept), examples
