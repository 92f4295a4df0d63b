"""The environment that a verb works on, and carrying a change of it out.

`--stack` names it in every verb, and else it is the one that `workbench env set` chose. `-s` is short for it, as in
`pulumi`, but in the verbs that take a schema: there `-s` is the schema, as in the lab.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli import suggestions
from workbench.cli.changes import Change, agreed
from workbench.cli.printing import Output, say
from workbench.cli.progress import waiting
from workbench.core.counting import counted

if TYPE_CHECKING:
    from workbench.stacks.environments.steps import Step

_OLDER = "also without this: a change of the stack's file that is not yet applied"
_HELP = "The environment's stack; by default what `workbench env set` chose."
StackOption = Annotated[
    str | None, typer.Option("-s", "--stack", help=_HELP, autocompletion=suggestions.stacks, show_default=False)
]
LongStackOption = Annotated[
    str | None, typer.Option("--stack", help=_HELP, autocompletion=suggestions.stacks, show_default=False)
]


def chosen(given: str | None) -> str:
    """The stack to work on. Raises EnvironmentsError where none is given and none was chosen."""
    from workbench.stacks.environments import chosen as remembered  # ruamel is slow to import

    return remembered.stack(given)


def carry_out(
    stack: str,
    edit: Callable[[Path], object],
    changes: Sequence[Change],
    *,
    dry_run: bool = False,
    yes: bool = True,
    output: Output = Output.table,
    way_back: str = "",
) -> bool:
    """Edit the stack's file and bring the environment up, a line for each step. False when it was not agreed to.

    A dry run prints `changes` and the steps that Pulumi foresees, and of those that it foresees without the edit too
    that they are older: of the stack's file, not yet applied. Raises ProgramError.
    """
    from workbench.stacks.environments import change  # ruamel is slow to import

    if dry_run:
        with waiting(f"asking pulumi preview of {stack}"):
            with ThreadPoolExecutor() as pool:
                without = pool.submit(_pending, stack)
                told = change.foresee(stack, edit)
            older = without.result()
        foreseen = [Change(each.verb, each.what, _OLDER if each in older else "") for each in told.steps if each.verb]
        agreed([*changes, *foreseen], dry_run=True, output=output)
        return False
    if not agreed(changes, yes=yes):
        return False
    told = change.make(stack, edit, lambda step: say(f"  {step.doing} {step.what}"), way_back)
    steps, unchanged = counted(len(told.steps), "step"), counted(told.unchanged, "resource unchanged")
    say(f"{stack}: {steps}, {unchanged}, {told.seconds} s")
    return True


def _pending(stack: str) -> "list[Step]":
    """What Pulumi foresees for the file as it is; nothing where that file is one that it refuses."""
    from workbench.stacks.environments import change  # ruamel is slow to import
    from workbench.stacks.environments.program import ProgramError

    try:
        return change.foresee(stack, lambda _: None).steps
    except ProgramError:
        return []
