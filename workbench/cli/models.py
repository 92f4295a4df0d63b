"""workbench model: registering versions and looking at them."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import lineage, model_changes, suggestions
from workbench.cli.lineage import ModelArgument
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.core import hints, home
from workbench.registry.manifests.manifest import SCHEMA
from workbench.registry.models.registry import ModelRegistry, ModelVersion, read_files

app = typer.Typer(help="Register, list, show, tag and delete models, and tell who uses them.")


@app.command("list")
def list_models(
    name: Annotated[
        str | None, typer.Option("-n", "--name", help="Of this name only.", autocompletion=suggestions.models)
    ] = None,
    tag: Annotated[
        list[str] | None,
        typer.Option("-t", "--tag", metavar="KEY[=VALUE]", help="With this tag only; repeatable: with all of them."),
    ] = None,
    output: OutputOption = Output.table,
) -> None:
    """List all versions.

    Example: workbench model list
    Example: workbench model list -n churn --tag stage=tried -o json
    """
    rows = [
        {
            "name": each.name,
            "version": each.version,
            "digest": each.digest,
            "created_at": each.created_at,
            "run": each.run_id,
            "tags": _tags(each) if output is Output.table else each.tags,
            "description": each.description,
        }
        for each in ModelRegistry().list(name)
        if all(_tagged(each, wanted) for wanted in tag or [])
    ]
    empty = f"no models yet; run: {hints.train()}, or: workbench model register --help"
    print_rows(rows, output, empty="no model fits; look at all: workbench model list" if name or tag else empty)


@app.command()
def register(
    name: Annotated[str, typer.Option("-n", "--name", help="The model's name.")],
    files: Annotated[
        list[Path], typer.Option("-m", "--model-file", help="A file, or a folder with all in it; repeatable.")
    ],
    description: Annotated[str, typer.Option("-d", "--description", help="A line for people.")] = "",
    tag: Annotated[
        list[str] | None, typer.Option("-t", "--tag", metavar="KEY=VALUE", help="A tag; repeatable.")
    ] = None,
    output: OutputOption = Output.table,
) -> None:
    """Register files as the next version of a model. Says so when an earlier version has the same files.

    Example: workbench model register -n iris -m model.skops -d 'a first try' --tag stage=tried
    """
    tags = dict(map(model_changes.pair, tag or []))
    content = read_files(files)
    home.create()
    registry = ModelRegistry()
    found = registry.register(name, content, run_id="", metrics={}, description=description, tags=tags, again=True)
    earlier = next((version for version in registry.list(name) if version.digest == found.digest), found)
    if earlier.version < found.version:
        say(f"{found.label} has the same files as version {earlier.version}")
    print_one(_document(found), output)
    script = "" if hints.trains_itself() else " -f score.py"
    schema = "" if SCHEMA in content else f" -s {SCHEMA}"
    say(f"next: workbench manifest create -n SERVICE{script}{schema} -i {found.id}")


@app.command()
def show(
    model: ModelArgument,
    output: OutputOption = Output.table,
) -> None:
    """Show one version after checking its files; without a number, the latest.

    Example: workbench model show churn:2
    """
    found = resolve(model)
    found.verify()
    print_one(_document(found), output)


app.command()(model_changes.download)
app.command()(model_changes.tag)
app.command()(lineage.usage)
app.command()(model_changes.delete)


def resolve(label: str) -> ModelVersion:
    """The version that `NAME`, `NAME:VERSION` or the start of an id means."""
    return ModelRegistry().find(label)


def _document(found: ModelVersion) -> dict[str, object]:
    return {"id": found.id, **found.document()}


def _tags(version: ModelVersion) -> str:
    return ", ".join(f"{key}={value}" for key, value in version.tags.items())


def _tagged(version: ModelVersion, wanted: str) -> bool:
    key, equals, value = wanted.partition("=")
    return key in version.tags and (not equals or version.tags[key] == value)
