"""workbench experiment: scripts run where run configurations say, and recorded."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.changes import Change, DryRunOption, YesOption, agreed
from workbench.cli.experiment_options import ConfigurationOption, TargetOption, stop_with_the_terminal
from workbench.cli.experiment_sweep import SETTINGS, sweep
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say

app = typer.Typer(help="Prepare run configurations and submit scripts to them.")
app.command(context_settings=SETTINGS)(sweep)


@app.command()
def prepare(
    configuration: ConfigurationOption, target: TargetOption = None, output: OutputOption = Output.table
) -> None:
    """Have all that a run configuration needs on its target, such as the image of its packages. Does nothing twice.

    Example: workbench experiment prepare -c docker
    """
    from workbench.experiments.runs import experiment  # only these verbs need targets

    runtime = experiment.prepare(configuration, target, say)
    print_one(dict(runtime.facts), output)
    say(f"Your environment is now ready; next: workbench experiment submit -c {configuration} SCRIPT")


@app.command(context_settings={"ignore_unknown_options": True, "allow_interspersed_args": False})
def submit(
    configuration: ConfigurationOption,
    script: Annotated[Path, typer.Argument(metavar="SCRIPT", help="A Python script of the project.")],
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="ARGUMENTS", help="All that follows is the script's.")
    ] = None,
    target: TargetOption = None,
) -> None:
    """Run a script on a copy of the project, show what it prints, record it, and exit as it did. Ctrl-C stops it.

    Example: workbench experiment submit -c local train.py --data churn.csv
    Example: workbench experiment submit -c docker train.py --data churn.csv --depth 4
    """
    from workbench.experiments.runs import experiment  # only these verbs need targets

    stop_with_the_terminal()
    request = experiment.Request(
        configuration=configuration, script=str(script), arguments=tuple(arguments or ()), target=target
    )
    outcome = experiment.submit(request, say, _Screen().show)
    names = ", ".join(outcome.outputs) or "none"
    if outcome.run_id:
        status = f"failed with exit code {outcome.ended.code}" if outcome.ended.code else "completed"
        say(f"run {outcome.run_id} {status}; outputs: {names}; look: workbench history show {outcome.run_id}")
    if outcome.ended.why:
        say(outcome.ended.why)
    raise typer.Exit(outcome.ended.code)


@app.command()
def clean(
    configuration: ConfigurationOption,
    target: TargetOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Remove what killed submits left where a configuration runs: containers or Jobs of runs that are lost or ended.

    Runs that go on, and those that this registry does not know, stay. The records of lost runs stay too: workbench
    history delete removes them.

    Example: workbench experiment clean -c docker --dry-run
    Example: workbench experiment clean -c docker --yes
    """
    from workbench.experiments.runs import orphans  # only these verbs need targets

    there = orphans.place(configuration, target)
    found = orphans.read(there) if there else []
    kind = there.kind if there else ""
    changes = [Change("remove", f"{kind} {each.name}", f"its run is {each.status}") for each in found]
    if not agreed(changes, dry_run=dry_run, yes=yes, output=output):
        return
    if there:
        orphans.remove(there, found)
    rows = [{kind.lower(): each.name, "run_id": each.run_id, "status": each.status} for each in found]
    print_rows(rows, output, empty="no run left anything")


class _Screen:
    """Stdout, as long as somebody reads it: a run goes on without."""

    def __init__(self) -> None:
        self._open = True

    def show(self, data: bytes) -> None:
        """Print bytes at once."""
        if not self._open:
            return
        try:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        except BrokenPipeError:
            self._open = False
            say("nobody reads this any more; the run goes on")
