"""workbench service run and usage: calling a service, and how any client does."""

import json
import shlex
from pathlib import Path
from typing import Annotated, Any

import typer

from model.cli.printing import Output, OutputOption, print_rows
from model.cli.service_options import NameOption
from model.cli.stacks import StackOption, chosen
from model.errors import DataError
from model.manifests import manifest


def run(
    name: NameOption,
    stack: StackOption = None,
    data: Annotated[str | None, typer.Option("-d", "--data", help="Rows: a JSON file or JSON text.")] = None,
    sample: Annotated[int | None, typer.Option("--sample", min=1, help="Send N example rows of the schema.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Score rows and print one answer a row.

    Example: workbench service run -n churnpred -s staging --sample 3
    Example: workbench service run -n churnpred -s staging -d rows.json
    """
    from model.services import service  # http is slow to import

    if (data is None) == (sample is None):
        raise typer.BadParameter("give either -d FILE|JSON or --sample N")
    given = None if data is None else read_json(data)
    found = service.find(chosen(stack), name)
    argument, examples = _examples(found.text("manifest"))
    rows = examples[:sample] if data is None else rows_of(given, argument, data)
    print_rows(found.score(argument, rows), output, empty="no rows were sent; -d takes a list of rows")


def usage(
    name: NameOption,
    stack: StackOption = None,
    save: Annotated[Path | None, typer.Option("--save", help="Write an example request's body to this file.")] = None,
) -> None:
    """Print how any client calls the service: URL, key file, and a curl command with example rows.

    Example: workbench service usage -n churnpred -s staging --save rows.json
    """
    from model import placing  # http is slow to import
    from model.services import service  # http is slow to import

    found = service.find(chosen(stack), name)
    body = json.dumps(dict([_examples(found.text("manifest"))]))
    if save:
        placing.write_file(save, f"{body}\n".encode())
    print(
        f"curl -H @{found.keys_folder}/authorization -H 'Content-Type: application/json'"
        f" -d {f'@{save}' if save else shlex.quote(body)} {found.text('scoringUrl')}"
    )


def read_json(data: str) -> object:
    """The content of JSON text or a JSON file."""
    given = data.lstrip()[:1] in ("[", "{")
    try:
        return json.loads(data if given else Path(data).read_bytes())
    except OSError as error:
        raise DataError(f"{data}: cannot be read ({error.strerror}); -d takes a JSON file or JSON text") from error
    except ValueError as error:
        raise DataError(f"{'-d' if given else data}: is not JSON ({error})") from error


def rows_of(content: object, argument: str, source: str) -> list[dict[str, Any]]:
    """Rows of a list, of one row, or of a whole request as `usage` prints it."""
    rows = content.get(argument, [content]) if isinstance(content, dict) else content
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise DataError(f"{source[:60]}: holds no list of rows, each an object of column and value")
    return rows


def _examples(manifest_id: str) -> tuple[str, list[dict[str, Any]]]:
    """The first argument of what serves, and its example rows."""
    (name, argument), *_ = manifest.find(manifest_id).schema()["input"].items()
    rows: list[dict[str, Any]] = argument["swagger"].get("example", [])
    return name, rows
