"""workbench model: the registered versions."""

from typing import Annotated

import typer

from model.cli.printing import Output, OutputOption, print_one, print_rows
from model.registry import ModelRegistry, ModelVersion

app = typer.Typer(help="List and show registered models.")


@app.command("list")
def list_models(
    name: Annotated[str | None, typer.Option("-n", "--name", help="Of this name only.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """List all versions."""
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
def show(
    model: Annotated[str, typer.Argument(help="NAME, or NAME:VERSION.")],
    output: OutputOption = Output.table,
) -> None:
    """Show one version after checking its files; without a number, the latest."""
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
