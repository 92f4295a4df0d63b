"""workbench service run and usage: calling a service, and how any client does."""

import shlex
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.answers import print_answer
from workbench.cli.printing import Output, OutputOption, print_data, say
from workbench.cli.service_options import NameOption
from workbench.cli.stacks import StackOption, chosen
from workbench.core.errors import DataError

if TYPE_CHECKING:
    from workbench.stacks.services.contract import Contract
    from workbench.stacks.services.request import Request

_STDIN = "-"
_NULL = "null"
_TAKES = "-d takes a JSON or CSV file, JSON text, or - for standard input"
_JSON = ("[", "{", '"')


def run(
    name: NameOption,
    stack: StackOption = None,
    data: Annotated[
        str | None,
        typer.Option("-d", "--data", help="What run() takes: a JSON or CSV file, JSON text, or - for standard input."),
    ] = None,
    sample: Annotated[int | None, typer.Option("--sample", min=1, help="Send N example rows of the schema.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Score rows, or whatever the service takes, and print what it answers; `-o json` gives the answer as it is.

    Example: workbench service run -n churnpred -s staging --sample 3
    Example: workbench service run -n churnpred -s staging -d rows.csv
    Example: workbench service run -n limits -s staging -d '{"rows": [[1, 2]], "limit": 0.5}' -o json
    """
    from workbench.stacks.services import request, service  # http is slow to import

    if (data is None) == (sample is None):
        raise typer.BadParameter("give either -d FILE|JSON or --sample N")
    if data is not None and not data.strip():
        raise DataError(f"-d is empty; {_TAKES}")
    found = service.find(chosen(stack), name)
    contract = found.contract()
    asked = request.from_example(contract, sample) if data is None else _given(contract, data)
    for remark in asked.remarks:
        say(remark)
    answer = found.call(asked)
    print_answer(answer.value, output)
    if answer.model and output is Output.table:
        say(f"model {answer.model} answered")


def usage(
    name: NameOption,
    stack: StackOption = None,
    save: Annotated[Path | None, typer.Option("--save", help="Write an example request's body to this file.")] = None,
    output: OutputOption = Output.table,
) -> None:
    """Print how any client calls the service: what it takes, URL, key file, and a curl command with an example.

    Example: workbench service usage -n churnpred -s staging --save rows.json
    """
    from workbench.core import atomic_files  # http is slow to import
    from workbench.stacks.services import request, service  # http is slow to import

    found = service.find(chosen(stack), name)
    contract = found.contract()
    if contract.arguments is None and save:
        raise DataError(f"--save {save}: {name} has no schema and so no example; any text is a body")
    asked = request.invented(contract)
    if contract.arguments and not all("example" in argument.swagger for argument in contract.arguments):
        say("the schema holds no example of all arguments: the values below are made up")
    if save:
        atomic_files.write_file(save, asked.body + b"\n")
    body = asked.body.decode() if contract.arguments is not None else None
    sent = "--data-binary @FILE" if body is None else f"-d {shlex.quote(f'@{save}' if save else body)}"
    curl = (
        f"curl -H {shlex.quote(f'@{found.keys_folder}/authorization')} -H 'Content-Type: {asked.media_type}'"
        f" {sent} {found.text('scoringUrl')}"
    )
    if output is Output.table:
        print(*(f"# {line}" for line in contract.words()), curl, sep="\n")
        return
    told = {"url": found.text("scoringUrl"), "contentType": asked.media_type, "describes": contract.words()}
    print_data({**told, "body": body, "curl": curl}, output)


def _given(contract: "Contract", data: str) -> "Request":
    """The request that `-d` means: standard input, JSON text, a file, or, where nothing else can be meant, a text."""
    from workbench.stacks.services import request  # http is slow to import

    if data == _STDIN:
        return request.from_file(contract, "standard input", sys.stdin.buffer.read())
    if data.lstrip().startswith(_JSON) or data.strip() == _NULL:
        return request.from_text(contract, data, "-d")
    try:
        return request.from_file(contract, data, Path(data).read_bytes())
    except OSError as error:
        try:
            asked = request.from_text(contract, data, "-d")
        except DataError:
            asked = None
        # A name that is mistyped looks like no sentence and no number.
        if asked and (contract.arguments is not None or " " in data):
            return asked
        raise DataError(f"{data[:200]}: cannot be read ({error.strerror}); {_TAKES}") from error
