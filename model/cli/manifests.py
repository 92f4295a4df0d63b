"""workbench manifest: what images are made of."""

from pathlib import Path
from typing import Annotated

import typer

from model import home, manifest
from model.cli import pinning
from model.cli.models import resolve
from model.cli.pinning import StacksOption
from model.cli.printing import Output, OutputOption, print_one, print_rows, say

app = typer.Typer(help="List, show and create manifests.")


@app.command("list")
def list_manifests(output: OutputOption = Output.table) -> None:
    """List all manifests, oldest first.

    Example: workbench manifest list
    """
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "models": ", ".join(f"{model['name']}:{model['version']}" for model in each.models),
        }
        for each in manifest.list_all()
    ]
    print_rows(rows, output, empty="no manifests yet; run: workbench train --data FILE")


@app.command()
def show(
    manifest_id: Annotated[str, typer.Argument(metavar="ID", help="The id or the first digits of it.")],
    output: OutputOption = Output.table,
) -> None:
    """Show one manifest after checking its files.

    Example: workbench manifest show 3f2a91
    """
    found = manifest.find(manifest_id)
    print_one({"id": found.id, **found.document}, output)


@app.command()
def create(
    name: Annotated[str, typer.Option("-n", "--name", help="The service's name.")],
    models: Annotated[list[str] | None, typer.Option("-i", "--model", help="NAME or NAME:VERSION; repeatable.")] = None,
    score: Annotated[Path | None, typer.Option("-f", "--score", help="The score script.")] = None,
    schema: Annotated[
        Path | None, typer.Option("-s", "--schema", help="service_schema.json, by default the model's.")
    ] = None,
    requirements: Annotated[
        Path | None, typer.Option("-p", "--requirements", help="What the score script needs beside the server.")
    ] = None,
    unpickle: Annotated[
        list[str] | None, typer.Option("--unpickle", metavar="MODEL", help="Let the script load this model's pickles.")
    ] = None,
    stack: StacksOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Make a manifest of registered models; the same parts give the same id. Pin it in stacks.

    Example: workbench manifest create -n churnpred -i churn:2 --stack staging
    Example: workbench manifest create -n iris -i iris -f score.py -s service_schema.json -p requirements.txt
    """
    from model.assemble import assemble  # only this verb fetches wheels

    files = pinning.files(stack)
    home.create()
    found = assemble(
        name,
        [resolve(each) for each in models or ()],
        say,
        score=score,
        schema=schema,
        own=requirements,
        unpickle=unpickle or (),
    )
    pinning.pin(files, name, found.id)
    print_one({"id": found.id, **found.document}, output)
