"""workbench preview: what a change would do to stacks, told in one piece."""

from enum import StrEnum
from typing import Annotated

import typer

from workbench.cli import suggestions
from workbench.core.errors import ParameterError

REFUSED = 3


class Format(StrEnum):
    """For a terminal, for a comment of a pull request, for programs."""

    text = "text"
    markdown = "markdown"
    json = "json"


def preview(
    stack: Annotated[
        list[str] | None,
        typer.Option("-s", "--stack", help="This stack; repeatable.", autocompletion=suggestions.stacks),
    ] = None,
    every: Annotated[bool, typer.Option("--all", help="All stacks of the project that have a file.")] = False,
    form: Annotated[Format, typer.Option("--format", help="How to print it.")] = Format.text,
    drift: Annotated[
        bool, typer.Option("--drift", help="Ask the engines too what is no longer as it was left there.")
    ] = False,
    limit: Annotated[
        int, typer.Option("--limit", min=1000, help="Characters that a comment may have; GitLab's is 1000000.")
    ] = 65_536,
) -> None:
    """Show what `pulumi up` would do to services, models and resources. Changes nothing.

    Ends with 0, with 1 when a preview could not be made whole, and with 3 when a policy refuses it.

    Example: workbench preview -s staging
    Example: workbench preview --all --format markdown > comment.md
    """
    from workbench.cli.progress import waiting
    from workbench.stacks.previews import previewing  # reading stacks and rendering them is this verb's alone

    if bool(stack) == every:
        raise typer.BadParameter("name stacks by --stack NAME, or take --all of them")
    names = previewing.every() if every else list(dict.fromkeys(stack or []))
    if not names:
        raise ParameterError("the project has no stack with a file yet; run: pulumi stack init NAME")
    with waiting(f"previewing {', '.join(names)}"):
        found = previewing.read(names, drift=drift)
    print(previewing.render(found, form.value, limit), end="")
    if any(each.errors for each in found):
        raise typer.Exit(1)
    if any(each.refused for each in found):
        raise typer.Exit(REFUSED)
