"""workbench train: from a CSV file to a manifest that a stack pins."""

from pathlib import Path
from typing import Annotated, Any

import typer

from model.cli import pinning
from model.cli.pinning import StacksOption
from model.cli.printing import Output, OutputOption, print_one, print_rows, say


def train(
    data: Annotated[Path, typer.Option("--data", help="A CSV file with the 29 churn columns.")],
    name: Annotated[str, typer.Option("--name", help="The model's name.")] = "churn",
    service: Annotated[str, typer.Option("--service", help="The service that the manifest is for.")] = "churnpred",
    stack: StacksOption = None,
    param: Annotated[list[str] | None, typer.Option("--param", help="key=value, such as max_iter=200.")] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, max=2**32 - 1, help="Of split, fit and bootstrap.")] = 0,
    force: Annotated[bool, typer.Option("--force", help="Train although nothing changed.")] = False,
    output: OutputOption = Output.table,
) -> None:
    """Train a model, register it, make its manifest and pin that in stacks. Does nothing twice.

    Example: workbench train --data data/churn.csv
    Example: workbench train --data data/churn.csv --param max_iter=200 --seed 7 --stack staging
    """
    from model import hints, home
    from model.errors import ParameterError
    from model.manifests.assemble import assemble
    from model.manifests.manifest import check_service
    from model.training.parameters import parse_parameters
    from model.training.train import Request
    from model.training.train import train as run

    if not hints.trains_itself():
        way = hints.train(str(data))
        raise ParameterError(f"{home.project()}: trains by a script of its own, not by this verb; run: {way}")
    check_service(service)
    files = pinning.files(stack)
    request = Request(data=data, name=name, seed=seed, parameters=parse_parameters(param or []), force=force)
    home.create()
    outcome = run(request, say)
    manifest = assemble(service, [outcome.model], say)
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
    print_rows(_table(outcome.metrics), output, empty="")


def _table(metrics: dict[str, Any]) -> list[dict[str, str]]:
    """A row a metric: the model's value and how far it is from each baseline, with intervals."""
    interval = f"{metrics['level']:.0%} interval over customers"
    measured = metrics["models"]["model"]
    return [
        {
            "metric": name,
            "value": f"{each['value']:.4f}",
            interval: f"{each['low']:.4f} … {each['high']:.4f}",
            **{
                pair: "{value:+.4f} ({low:+.4f} … {high:+.4f})".format(**values[name])
                for pair, values in metrics["differences"].items()
            },
        }
        for name, each in measured.items()
    ]
