"""workbench account: where everything of this user lies. There is no account to make: a home, a backend, an engine."""

import os
from typing import Any

import typer

from workbench.cli.printing import Output, OutputOption, print_one
from workbench.cli.progress import waiting
from workbench.core import home

app = typer.Typer(help="Show where runs, models, states and services lie.")
management = typer.Typer(help="Where models are managed.")
app.add_typer(management, name="modelmanagement")


@app.command()
def show(output: OutputOption = Output.table) -> None:
    """Show home, registry, Pulumi's backend, the engine, and the environments of the project.

    Example: workbench account show
    """
    from workbench.experiments.targets.engine import Engine
    from workbench.stacks.environments import chosen, environment, program  # ruamel is slow to import

    with waiting("asking the backend"):
        backend = program.backend()
    print_one(
        {
            "home": str(home.home()),
            **_models(),
            "backend": backend,
            "engine": Engine(None).host,
            "project": str(home.project()),
            "environments": environment.names(),
            "chosen": chosen.read(),
        },
        output,
    )


@management.command("show")
def show_management(output: OutputOption = Output.table) -> None:
    """Show where models, runs and manifests lie. WORKBENCH_REGISTRY names another place for models and runs.

    Example: workbench account modelmanagement show
    """
    print_one({"home": str(home.home()), **_models()}, output)


def _models() -> dict[str, Any]:
    local = str(home.registry())
    return {"models": os.environ.get("WORKBENCH_REGISTRY") or local, "manifests": local}
