"""What verbs of experiments have in common. Runs nothing."""

import signal
from typing import Annotated

import typer


def _configurations(incomplete: str) -> list[str]:
    """What completes `-c`: the run configurations of the project."""
    from workbench.experiments.configurations import run_configuration

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


def stop_with_the_terminal() -> None:
    """Let a terminal that closes stop a run as Ctrl-C does."""
    if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
        signal.signal(signal.SIGHUP, signal.default_int_handler)
