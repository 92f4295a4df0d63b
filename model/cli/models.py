"""workbench model: registering versions and looking at them."""

from pathlib import Path
from typing import Annotated

import typer

from model import home
from model.cli.printing import Output, OutputOption, print_one, print_rows
from model.registry import ModelRegistry, ModelVersion, read_files

app = typer.Typer(help="Register, list and show models.")


@app.command("list")
def list_models(
    name: Annotated[str | None, typer.Option("-n", "--name", help="Of this name only.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """List all versions.

    Example: workbench model list
    Example: workbench model list -n churn -o json
    """
    rows = [
        {
            "name": each.name,
            "version": each.version,
            "digest": each.digest,
            "created_at": each.created_at,
            "run": each.run_id,
        }
        for each in ModelRegistry().list(name)
    ]
    print_rows(rows, output, empty="no models yet; run: workbench train --data FILE")


@app.command()
def register(
    name: Annotated[str, typer.Option("-n", "--name", help="The model's name.")],
    files: Annotated[
        list[Path], typer.Option("-m", "--model-file", help="A file, or a folder with all in it; repeatable.")
    ],
    description: Annotated[str, typer.Option("-d", "--description", help="A line for people.")] = "",
    output: OutputOption = Output.table,
) -> None:
    """Register files as the next version of a model; the same files are the same version.

    Example: workbench model register -n iris -m model.skops -d 'a first try'
    """
    content = read_files(files)
    home.create()
    found = ModelRegistry().register(name, content, run_id="", metrics={}, description=description)
    print_one(found.document(), output)


@app.command()
def show(
    model: Annotated[str, typer.Argument(help="NAME, or NAME:VERSION.")],
    output: OutputOption = Output.table,
) -> None:
    """Show one version after checking its files; without a number, the latest.

    Example: workbench model show churn:2
    """
    found = resolve(model)
    found.verify()
    print_one(found.document(), output)


def resolve(label: str) -> ModelVersion:
    """The version that `NAME` or `NAME:VERSION` means."""
    name, _, number = label.partition(":")
    if not number:
        return ModelRegistry().latest(name)
    if not number.isdecimal():
        raise typer.BadParameter(f"{label!r}: write NAME or NAME:VERSION with a whole number")
    return ModelRegistry().get(name, int(number))
