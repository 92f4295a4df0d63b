"""workbench experiment: scripts run where run configurations say, and recorded."""

import signal
import sys
from pathlib import Path
from typing import Annotated

import typer

from model.cli.printing import Output, OutputOption, print_one, say

app = typer.Typer(help="Prepare run configurations and submit scripts to them.")


def _configurations(incomplete: str) -> list[str]:
    """What completes `-c`: the run configurations of the project."""
    from model import run_configuration

    folder = run_configuration.project() / run_configuration.FOLDER
    return sorted(path.stem for path in folder.glob("*.runconfig") if path.stem.startswith(incomplete))


ConfigurationOption = Annotated[
    str,
    typer.Option(
        "-c",
        "--run-configuration",
        help="The run configuration: NAME of aml_config/NAME.runconfig.",
        autocompletion=_configurations,
    ),
]
TargetOption = Annotated[
    str | None, typer.Option("-t", "--target", help="Another compute than the configuration's Target.")
]


@app.command()
def prepare(
    configuration: ConfigurationOption, target: TargetOption = None, output: OutputOption = Output.table
) -> None:
    """Have all that a run configuration needs on its target, such as the image of its packages. Does nothing twice.

    Example: workbench experiment prepare -c docker
    """
    from model import experiment  # only these verbs need targets

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
    from model import experiment  # only these verbs need targets

    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        # A terminal that closes stops the run as Ctrl-C does.
        signal.signal(signal.SIGHUP, signal.default_int_handler)
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
