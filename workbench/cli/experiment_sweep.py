"""workbench experiment sweep: a script for each point of a grid, and which run was the best."""

from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.experiment_options import ConfigurationOption, TargetOption, stop_with_the_terminal
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.core.errors import ParameterError

if TYPE_CHECKING:
    from workbench.experiments.history.ranking import Ranking
    from workbench.experiments.runs.grid import Axis

SETTINGS = {"ignore_unknown_options": True}
_INTERRUPTED = 130


class Goal(StrEnum):
    """Which values of a metric are good."""

    maximize = "maximize"
    minimize = "minimize"


def sweep(
    configuration: ConfigurationOption,
    script: Annotated[Path, typer.Argument(metavar="SCRIPT", help="A Python script of the project.")],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="ARGUMENTS", help="The script's, the same for all runs; behind -- where a name is also one of ours."
        ),
    ] = None,
    axes: Annotated[
        list[str] | None,
        typer.Option(
            "--grid",
            metavar="NAME=VALUE,…",
            help="A parameter and its values: the script gets --NAME VALUE; repeatable.",
        ),
    ] = None,
    metric: Annotated[
        str | None, typer.Option("--metric", help="What the runs are sorted by, unless they tell but one metric.")
    ] = None,
    goal: Annotated[Goal, typer.Option("--goal", help="Whether high or low values are good.")] = Goal.maximize,
    parallel: Annotated[
        int | None,
        typer.Option("--parallel", min=1, help="How many runs at a time; by default 10 in a cluster, else 1."),
    ] = None,
    plot: Annotated[
        Path | None, typer.Option("--plot", help="The PNG to draw; by default outputs/<sweep>.png of the project.")
    ] = None,
    target: TargetOption = None,
    output: OutputOption = Output.table,
) -> None:
    """Run a script once for each point of a grid, record each run, and show them from the best to the worst.

    On a cluster the sweep is one indexed Job. Ends with 1 if a run failed. Ctrl-C stops all of it.

    Example: workbench experiment sweep -c kubernetes train.py --grid C=0.1,1,10 --grid max_iter=100,200 --metric AUC
    Example: workbench experiment sweep -c docker train.py --grid depth=2,4,8 --metric loss --goal minimize --parallel 2
    """
    from workbench.experiments.configurations import run_configuration
    from workbench.experiments.history import ranking
    from workbench.experiments.runs import experiment, grid, run_record
    from workbench.experiments.runs import sweep as sweeps

    stop_with_the_terminal()
    if plot and plot.suffix.lower() != ".png":
        raise ParameterError(f"--plot {plot}: a PNG is drawn; name a file that ends with .png")
    parsed = grid.parse(axes or [])
    request = experiment.Request(
        configuration=configuration, script=str(script), arguments=tuple(arguments or ()), target=target
    )
    swept = sweeps.run(sweeps.Plan(request=request, axes=parsed, parallel=parallel), say)
    complaint = ""
    try:
        ranked = ranking.rank(swept.records, metric, goal.value)
    except ParameterError as error:  # after all the work that is no reason to show nothing
        complaint, ranked = str(error), ranking.Ranking(None, goal.value, [*swept.records])
    drawn = _draw(plot or run_configuration.project() / "outputs" / f"{swept.id}.png", swept.id, ranked, parsed)
    if output is Output.table:
        print_rows(ranked.rows(), output, empty="")
    else:
        print_one({**ranked.document(swept.id), "plot": drawn}, output)
    if not ranked.metric and not complaint:
        say("no run is called the best: name the metric to sort by with --metric")
    elif ranked.best:
        say(f"best: run {ranked.best['id']}; look: workbench history show {ranked.best['id']}")
    say(f"all of them: workbench history list --filter sweep={swept.id}")
    failed = sum(record["status"] != run_record.COMPLETED for record in swept.records)
    if failed:
        say(f"{failed} of {len(swept.records)} runs did not complete; see: workbench history show RUN")
    if complaint:
        raise ParameterError(complaint)
    raise typer.Exit(_INTERRUPTED if swept.interrupted else int(bool(failed)))


def _draw(path: Path, sweep: str, ranked: "Ranking", axes: "Sequence[Axis]") -> str | None:
    """Draw the metric over each parameter; the file's path, None where there is nothing to draw."""
    from workbench.core import atomic_files
    from workbench.experiments.history import plots, ranking

    metric = ranked.metric
    points = [
        (dict(record["point"]), ranking.value(record, metric) or 0.0)
        for record in ranked.records
        if ranking.counts(record, metric)
    ]
    if not metric or not points:
        return None
    names = {axis.name: axis.values for axis in axes}
    atomic_files.write_file(path, plots.sweep(points, names, f"{metric} of {sweep}", metric))
    say(f"drawn in {path}")
    return str(path)
