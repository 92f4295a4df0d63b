"""workbench train: from the project's training script to a manifest that a stack pins."""

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli import pinning
from workbench.cli.experiment_options import ConfigurationOption, TargetOption, stop_with_the_terminal
from workbench.cli.pinning import StacksOption
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.core import hints, home
from workbench.core.errors import ParameterError


def train(
    arguments: Annotated[
        list[str] | None, typer.Argument(metavar="[-- ARGUMENTS]", help="More arguments of the training script.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="The script's --data; by default what training.yaml names.")
    ] = None,
    param: Annotated[
        list[str] | None, typer.Option("--param", help="The script's --param, such as max_iter=200; repeatable.")
    ] = None,
    seed: Annotated[int | None, typer.Option("--seed", min=0, max=2**32 - 1, help="The script's --seed.")] = None,
    name: Annotated[str | None, typer.Option("--name", help="The model's name instead of training.yaml's.")] = None,
    service: Annotated[str | None, typer.Option("--service", help="The service instead of training.yaml's.")] = None,
    stack: StacksOption = None,
    configuration: ConfigurationOption = "local",
    target: TargetOption = None,
    force: Annotated[bool, typer.Option("--force", help="Train although nothing changed.")] = False,
    output: OutputOption = Output.table,
) -> None:
    """Run the project's training, register what it gives, make its manifest and pin that in stacks. Does nothing twice.

    training.yaml says which script trains, what it needs and what serves the model.

    Example: workbench train --data data/churn.csv
    Example: workbench train --data data/churn.csv --param max_iter=200 --seed 7 --stack staging
    Example: workbench train -c docker --stack staging
    """
    from workbench.experiments import training
    from workbench.registry.manifests.assemble import assemble
    from workbench.registry.manifests.manifest import check_service
    from workbench.registry.models.registry import check_name

    if not hints.trains_itself():
        raise ParameterError(
            f"{home.project()}: has no {home.TRAINING}, which names what to run; run: {hints.train(_shown(data))}"
        )
    stop_with_the_terminal()
    found = training.read(home.project())
    name, service = name or found.model, service or found.service
    check_name(name)
    check_service(service)
    files = pinning.files(stack)
    given = [word for each in param or [] for word in ("--param", each)]
    given += [] if seed is None else ["--seed", str(seed)]
    request = training.Request(
        training=found,
        model=name,
        configuration=configuration,
        target=target,
        data=data,
        arguments=(*given, *(arguments or ())),
        force=force,
    )
    home.create()
    outcome = training.train(request, say, _show)
    manifest = assemble(service, [outcome.model], say, score=found.score, schema=found.schema, own=found.requirements)
    serving = pinning.pinned(files, service)
    pinning.pin(files, service, manifest.id)
    answer = {
        "model": outcome.model.name,
        "version": outcome.model.version,
        "digest": outcome.model.digest,
        "manifest": manifest.id,
        "run": outcome.run_id,
        "unchanged": outcome.unchanged,
    }
    if output is not Output.table:
        print_one({**answer, "metrics": outcome.metrics}, output)
        return
    print_one(answer, output)
    print()
    others = {
        f"{stack} ({label})": metrics for stack, (label, metrics) in serving.items() if label != outcome.model.label
    }
    print_rows(_table(outcome.metrics, others), output, empty="the script told no metric; see docs/own-models.md")


def _shown(data: Path | None) -> str:
    return str(data) if data else hints.FILE


def _show(data: bytes) -> None:
    """What the script prints goes to stderr: stdout has the answer."""
    sys.stderr.buffer.write(data)
    sys.stderr.buffer.flush()


def _table(metrics: Mapping[str, Any], others: Mapping[str, Mapping[str, Any]]) -> list[dict[str, str]]:
    """A row for each metric: its value, its interval, its distance from baselines and from what stacks pin."""
    from workbench.policies.metrics import read

    level = metrics.get("level")
    interval = f"{level:.0%} interval over customers" if isinstance(level, float) else "interval"
    known = {where: read(other) for where, other in others.items()}
    differences = metrics.get("differences")
    rows = []
    for name, measured in sorted(read(metrics).items()):
        row = {"metric": name, "value": f"{measured.value:.4f}"}
        if measured.low is not None and measured.high is not None:
            row[interval] = f"{measured.low:.4f} … {measured.high:.4f}"
        if isinstance(differences, Mapping):
            row |= {
                pair: "{value:+.4f} ({low:+.4f} … {high:+.4f})".format(**values[name])
                for pair, values in differences.items()
            }
        row |= {
            f"against {where}": f"{measured.value - other[name].value:+.4f}" if name in other else "-"
            for where, other in known.items()
        }
        rows.append(row)
    return rows
