"""What a verb is about to change: shown, and agreed to. Changes nothing itself.

The convention of all verbs that change or remove something: work out a list of `Change`, pass it through `agreed`, and
act on it when that is true. `--dry-run` shows it and ends; what can't be taken back asks first, unless `--yes`.
"""

import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Annotated

import typer

from workbench.cli.printing import Output, print_rows
from workbench.core.errors import ParameterError

DryRunOption = Annotated[bool, typer.Option("--dry-run", help="Show what would change, and change nothing.")]
YesOption = Annotated[bool, typer.Option("-y", "--yes", help="Do it without asking.")]


@dataclass(frozen=True)
class Change:
    """One change: a plain verb such as `create`, `pin` or `delete`, what it is done to, and what is worth knowing."""

    action: str
    what: str
    detail: str = ""

    def line(self) -> str:
        """For people."""
        return f"{self.action} {self.what}" + (f" ({self.detail})" if self.detail else "")


def agreed(
    changes: Sequence[Change], *, dry_run: bool = False, yes: bool = True, output: Output = Output.table
) -> bool:
    """Whether to go on with `changes`: not in a dry run, and asked for on the terminal unless `yes`.

    A dry run prints the changes as its answer. Raises ParameterError where there is nobody to ask.
    """
    if dry_run:
        if output is Output.table:
            for change in changes or [Change("change", "nothing")]:
                print(f"would {change.line()}")
        else:
            print_rows([asdict(change) for change in changes], output, empty="")
        return False
    if yes or not changes:
        return True
    if not sys.stdin.isatty():
        raise ParameterError(f"{changes[0].line()}: there is no terminal to ask on; add --yes, or look with --dry-run")
    for change in changes:
        print(f"will {change.line()}", file=sys.stderr)
    print("go on? [y/N] ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline().strip().lower() in ("y", "yes")
