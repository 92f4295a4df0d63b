"""workbench schema: what a score script takes and gives, as callers and the server need to know it."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.changes import Change, DryRunOption, agreed
from workbench.cli.printing import Output, OutputOption, print_one, say

app = typer.Typer(help="Write what a score script takes: service_schema.json.")


@app.command()
def generate(
    score: Annotated[Path, typer.Option("-f", "--score", help="The score script; it is read, not run.")],
    data: Annotated[
        Path,
        typer.Option("-d", "--data", help="Sample rows: CSV, a JSON list of objects, or an object of run's arguments."),
    ],
    answers: Annotated[
        Path | None, typer.Option("--answers", help="Sample answers, likewise: then the schema tells them too.")
    ] = None,
    path: Annotated[Path, typer.Option("--to", help="The file to write.")] = Path("service_schema.json"),
    kind: Annotated[
        list[str] | None,
        typer.Option("--type", metavar="[ARGUMENT=]TYPE", help="standard, numpy, spark or pandas; repeatable."),
    ] = None,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Write service_schema.json from the arguments of a script's run() and sample rows. Nullable is what is null there.

    Rows are a pandas frame for run(), other values are what JSON makes of them, unless --type says otherwise.

    Example: workbench schema generate -f score.py -d rows.json
    Example: workbench schema generate -f score.py -d rows.csv --to schemas/service_schema.json
    """
    from workbench.registry.schemas import generating, samples, score_script  # only this verb needs them

    names = score_script.arguments(score)
    given = samples.by_argument(data, names, say)
    told = samples.answers(answers, say) if answers else None
    document = generating.schema(names, samples.typed(given, kind or []), told, where=str(score))
    if agreed([Change("write", str(path), f"{', '.join(names)} of {score}")], dry_run=dry_run, output=output):
        generating.write(document, path)
        print_one(document, output) if output is not Output.table else say(
            f"{path} says what {score} takes: {', '.join(names)}; next: workbench manifest create -n SERVICE -f {score}"
            f" -s {path} -i MODEL"
        )
