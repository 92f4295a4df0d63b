"""workbench history: the runs, what they gave, and how they differ."""

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli import history_files, runs
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.cli.runs import RunArgument, RunOption, RunsArgument
from workbench.core import hints
from workbench.core.canonical import is_digest
from workbench.experiments.runs import run_facts

app = typer.Typer(help="List, show and compare runs, and use what they gave.")
app.command()(history_files.download)
app.command()(history_files.promote)
app.command()(history_files.delete)

FilterOption = Annotated[
    list[str] | None,
    typer.Option("--filter", help="FIELD, one of = != > >= < <=, and a value; since=2d, until=2026-01-31; repeatable."),
]
SortOption = Annotated[str | None, typer.Option("--sort", help="By this field; falling with a - before it.")]
PlotOption = Annotated[Path | None, typer.Option("--plot", help="Draw it into this PNG file.")]
MetricOption = Annotated[list[str] | None, typer.Option("--metric", help="Draw this series; repeatable.")]
EverywhereOption = Annotated[bool, typer.Option("--all-projects", help="Those of all projects of this home.")]
_FIELDS = {"run", "status", "started_at", "seconds", "model"}


@app.command("list")
def list_runs(
    filters: FilterOption = None,
    sort: SortOption = None,
    last: Annotated[int | None, typer.Option("-n", "--last", min=1, help="The last N of the list only.")] = None,
    everywhere: EverywhereOption = False,
    output: OutputOption = Output.table,
) -> None:
    """List the runs of this project, oldest first.

    Fields are status, model, seconds, metric.NAME, param.NAME, git.commit and all else that a run's record has. A name
    that holds one of the signs stands in double quotes. NaN equals nan, and is neither above nor below anything.

    Example: workbench history list --filter status=completed --filter since=2d
    Example: workbench history list --filter "metric.roc_auc>0.8" --sort -metric.roc_auc
    """
    from workbench.experiments.history import filters as expressions  # only lists need it

    found = expressions.select(
        runs.listed(everywhere=everywhere), run_facts.fact, run_facts.names, filters or [], sort, when="started_at"
    )
    named = [*(expressions.parse(each, "started_at").field for each in filters or []), (sort or "").removeprefix("-")]
    more = [name for name in dict.fromkeys(named) if name and name not in _FIELDS]
    print_rows([_row(run, more) for run in found[-(last or 0) :]], output, empty=_empty(filters))


@app.command()
def last(
    count: Annotated[int, typer.Option("-n", "--count", min=1, help="How many.")] = 1,
    everywhere: EverywhereOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Show the newest run of this project, or list the newest N.

    Example: workbench history last
    Example: workbench history last -n 5 -o json
    """
    found = runs.listed(everywhere=everywhere)[-count:]
    if count == 1 and found:
        print_one(found[0], output)
    else:
        print_rows([_row(run, []) for run in found], output, empty=_empty(None))


@app.command("info", hidden=True)
@app.command()
def show(
    run: RunArgument = None,
    option: RunOption = None,
    plot: PlotOption = None,
    metric: MetricOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Show one run's record; draw its curves, or the series of a metric.

    Example: workbench history show last
    Example: workbench history show last --plot curves.png
    Example: workbench history show last --plot loss.png --metric loss
    """
    found = runs.chosen(run, option)
    _check_drawing(plot, metric)
    if plot:
        from workbench.cli import drawing  # matplotlib is slow to import

        drawing.one(plot, found, metric or [])
    print_one(found, output)


@app.command()
def compare(
    runs_: RunsArgument,
    plot: PlotOption = None,
    metric: MetricOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Compare runs with the first one: parameters that differ, metrics with 95 % intervals, a plot of their curves.

    Runs that were tested on the same rows are compared on the same resamples of customers.

    Example: workbench history compare churn_1795467966575 last
    Example: workbench history compare churn_1795467966575 last --plot compare.png -o json
    """
    from workbench.cli.progress import waiting
    from workbench.experiments.history import comparison  # numpy is slow to import

    _check_drawing(plot, metric)
    found = [runs.find(each) for each in runs_]
    if len({run["id"] for run in found}) < max(2, len(found)):
        raise typer.BadParameter("name two different runs or more; the others are compared with the first")
    tested = [comparison.Candidate(run, runs.evaluation(run)) for run in found]
    with waiting("resampling customers"):
        answer = comparison.compare(tested)
    if plot:
        from workbench.cli import drawing  # matplotlib is slow to import

        drawing.several(plot, tested, metric or [])
    if output is not Output.table:
        print_one(answer.document(), output)
        return
    _print_comparison(answer)


def _check_drawing(plot: Path | None, metric: list[str] | None) -> None:
    if metric and not plot:
        raise typer.BadParameter("--metric names what is drawn; say where with --plot FILE.png")


def _print_comparison(answer: Any) -> None:  # noqa: ANN401 - its module is imported by the verb alone
    print_rows(
        [
            {"parameter": name, **{run: _short(value) for run, value in values.items()}}
            for name, values in answer.parameters.items()
        ],
        Output.table,
        empty="no parameter differs",
    )
    print()
    print_rows(
        [
            {
                "metric": difference.metric,
                "run": difference.run,
                answer.runs[0]: f"{difference.first:.4f}",
                "value": f"{difference.value:.4f}",
                "difference": f"{difference.difference:+.4f}",
                "95% interval": "-" if difference.low is None else f"{difference.low:+.4f} … {difference.high:+.4f}",
                "verdict": difference.verdict,
            }
            for difference in answer.differences
        ],
        Output.table,
        empty="no metric in common",
    )
    for remark in answer.remarks:
        say(remark)


def _short(value: object) -> object:
    """A digest by its first digits, which is all that people compare."""
    return f"{value[:19]}…" if isinstance(value, str) and is_digest(value) else value


def _row(run: dict[str, Any], more: list[str]) -> dict[str, Any]:
    row = {
        "run": run["id"],
        "status": run["status"],
        "started_at": run["started_at"],
        "seconds": run.get("duration_seconds"),
        "model": run_facts.model_label(run),
    }
    return row | {name: run_facts.fact(run, name) for name in more}


def _empty(filters: list[str] | None) -> str:
    if filters:
        return "no run fits; look at all: workbench history list"
    return f"this project has no runs yet; run: {hints.train()}; those of others: --all-projects"
