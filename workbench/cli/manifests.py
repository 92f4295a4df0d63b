"""workbench manifest: what images are made of."""

from typing import Annotated

import typer

from workbench.cli import manifest_delete, pinning
from workbench.cli.pinning import StacksOption
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.cli.service_options import (
    CondaOption,
    DependenciesOption,
    RequirementsOption,
    RuntimeOption,
    SchemaOption,
    ScoreOption,
    UnpickleOption,
)
from workbench.core import hints
from workbench.registry.manifests import manifest

app = typer.Typer(help="List, show, create and delete manifests.")
app.command()(manifest_delete.delete)


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
    print_rows(rows, output, empty=f"no manifests yet; run: {hints.manifest()}")


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
    models: Annotated[
        list[str] | None,
        typer.Option("-i", "--model", help="NAME, NAME:VERSION, or what `model register` gave as id; repeatable."),
    ] = None,
    score: ScoreOption = None,
    schema: SchemaOption = None,
    runtime: RuntimeOption = "python",
    conda: CondaOption = None,
    requirements: RequirementsOption = None,
    dependencies: DependenciesOption = None,
    unpickle: UnpickleOption = None,
    stack: StacksOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Make a manifest of registered models; the same parts give the same id. Pin it in stacks.

    Example: workbench manifest create -n churnpred -i churn:2 --stack staging
    Example: workbench manifest create -n iris -i iris -f score.py -s service_schema.json -r python -p requirements.txt
    """
    from workbench.stacks.environments.parts import Parts  # only this verb fetches wheels

    parts = Parts(
        models=models or (),
        score=score,
        schema=schema,
        requirements=requirements,
        conda=conda,
        dependencies=dependencies or (),
        unpickle=unpickle or (),
        runtime=runtime,
    )
    parts.check()
    files = pinning.files(stack)
    found = parts.manifest(name, say)
    pinning.pin(files, name, found.id)
    print_one({"id": found.id, **found.document}, output)
