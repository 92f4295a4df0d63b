"""workbench service: look at a service of a stack and call it."""

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from model import manifest
from model.cli.printing import Output, OutputOption, print_one, print_rows
from model.errors import DataError

app = typer.Typer(help="Show and call scoring services.")
NameOption = Annotated[str, typer.Option("-n", "--name", help="The service's name.")]
StackOption = Annotated[str, typer.Option("-s", "--stack", help="The stack it runs in.")]


@app.command()
def show(name: NameOption, stack: StackOption, output: OutputOption = Output.table) -> None:
    """Show what serves, where, and where its keys lie."""
    from model import service  # http is slow to import

    print_one(service.find(stack, name).document(), output)


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
    given = None if data is None else read_rows(data)
    found = service.find(stack, name)
    rows = _examples(found.text("manifest"))[:sample] if given is None else given
    print_rows(found.score(rows), output, empty="no rows were sent; -d takes a list of rows")


@app.command()
def usage(
    name: NameOption,
    stack: StackOption,
    save: Annotated[Path | None, typer.Option("--save", help="Write an example request's body to this file.")] = None,
) -> None:
    """Print how any client calls the service: URL, key file, and a curl command with example rows."""
    from model import placing, service  # http is slow to import

    found = service.find(stack, name)
    body = json.dumps({"input_df": _examples(found.text("manifest"))})
    if save:
        placing.write_file(save, f"{body}\n".encode())
    print(
        f"curl -H @{found.keys_folder}/authorization -H 'Content-Type: application/json'"
        f" -d {f'@{save}' if save else shlex.quote(body)} {found.text('scoringUrl')}"
    )


def read_rows(data: str) -> list[dict[str, Any]]:
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


def _examples(manifest_id: str) -> list[dict[str, Any]]:
    """The example rows of what serves."""
    argument, *_ = manifest.find(manifest_id).schema()["input"].values()
    rows: list[dict[str, Any]] = argument["swagger"]["example"]
    return rows
