"""workbench service: look at a service of a stack and call it."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from model import home, manifest
from model.cli.printing import Output, OutputOption, print_one, print_rows
from model.errors import DataError, ServiceError

if TYPE_CHECKING:
    from model.service import Service

app = typer.Typer(help="Show and call scoring services.")
NameOption = Annotated[str, typer.Option("-n", "--name", help="The service's name.")]
StackOption = Annotated[str, typer.Option("-s", "--stack", help="The stack it runs in.")]


@app.command()
def show(name: NameOption, stack: StackOption, output: OutputOption = Output.table) -> None:
    """Show what `pulumi up` declared of a service."""
    from model import service  # http is slow to import

    found = service.find(stack, name)
    print_one({"name": name, "stack": stack, **found.outputs}, output)


@app.command()
def run(
    name: NameOption,
    stack: StackOption,
    data: Annotated[str | None, typer.Option("-d", "--data", help="Rows: a JSON file or JSON text.")] = None,
    sample: Annotated[int | None, typer.Option("--sample", min=1, help="Send N example rows of the schema.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Score rows and print one answer a row."""
    from model import service  # http is slow to import

    if (data is None) == (sample is None):
        raise typer.BadParameter("give either -d FILE|JSON or --sample N")
    found = service.find(stack, name)
    rows = _rows(data) if data is not None else _examples(found)[:sample]
    print_rows(found.score(rows), output, empty="no rows were sent; -d takes a list of rows")


def _rows(data: str) -> list[dict[str, Any]]:
    """Rows from JSON text or a JSON file: a list of rows, one row, or `{"input_df": rows}`."""
    given = data.lstrip()[:1] in ("[", "{")
    source = "-d" if given else data
    try:
        content = json.loads(data if given else Path(data).read_bytes())
    except OSError as error:
        raise DataError(f"{source}: cannot be read ({error.strerror}); -d takes a JSON file or JSON text") from error
    except ValueError as error:
        raise DataError(f"{source}: is not JSON ({error})") from error
    rows = content.get("input_df", [content]) if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{source}: holds no list of rows, each an object of column and value")
    return rows


def _examples(found: "Service") -> list[dict[str, Any]]:
    """The example rows of the manifest that the stack, or the stack it was promoted from, pins."""
    from model import stack_inputs  # ruamel is slow to import

    pins = stack_inputs.read_pins(home.stack_file(found.stack)).get(found.name, {})
    if source := pins.get("from"):
        pins = stack_inputs.read_pins(home.stack_file(source)).get(found.name, {})
    if "manifest" not in pins:
        raise ServiceError(f"stack {found.stack}: pins no manifest of {found.name} to take example rows of; give -d")
    argument, *_ = manifest.find(pins["manifest"]).schema()["input"].values()
    rows: list[dict[str, Any]] = argument["swagger"]["example"]
    return rows
