"""workbench mlflow: show runs and models on an MLflow server, and take models from one."""

from typing import Annotated

import typer

from workbench.cli.printing import Output, OutputOption, print_one, say

app = typer.Typer(help="Mirror runs and models to an MLflow server, and register from it.")
ServerOption = Annotated[
    str | None, typer.Option("--tracking-uri", help="http://HOST:PORT, by default MLFLOW_TRACKING_URI.")
]


@app.command()
def run(
    run: Annotated[str, typer.Argument(metavar="RUN", help="The run's id or its beginning.")],
    server: ServerOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Show a run that has ended on the server, with parameters, metrics, tags and files.

    Example: workbench mlflow run churn_1795466615598 --tracking-uri http://127.0.0.1:5001
    """
    from workbench.experiments.mlflow import mlflow_mirror
    from workbench.experiments.runs import run_record

    found = run_record.find(run)
    say(f"mirroring {found['id']}")
    print_one({"run": found["id"], "mlflow_run": mlflow_mirror.mirror_run(found["id"], server)}, output)


@app.command()
def model(
    model: Annotated[str, typer.Argument(metavar="MODEL", help="NAME, NAME:VERSION or the start of an id.")],
    server: ServerOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Show a model version on the server, with its run.

    Example: workbench mlflow model churn:1 --tracking-uri http://127.0.0.1:5001
    """
    from workbench.experiments.mlflow import mlflow_mirror
    from workbench.registry.models.registry import ModelRegistry

    found = ModelRegistry().find(model)
    say(f"mirroring {found.label}")
    print_one({"model": found.label, "mlflow_model": mlflow_mirror.mirror_model(found, server)}, output)


@app.command()
def register(
    uri: Annotated[str, typer.Argument(metavar="URI", help="models:/NAME@ALIAS or models:/NAME/VERSION.")],
    name: Annotated[str | None, typer.Option("-n", "--name", help="The model's name here, by default its own.")] = None,
    server: ServerOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Register a model version of the server here; the same files are the same version.

    Example: workbench mlflow register models:/churn@champion --tracking-uri http://127.0.0.1:5001
    """
    from workbench.core import home
    from workbench.experiments.mlflow import mlflow_mirror

    say(f"fetching {uri}")
    home.create()
    print_one(mlflow_mirror.register_from(uri, server, name=name).document(), output)
