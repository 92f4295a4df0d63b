"""workbench data: an invented sample to try things with."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.printing import say
from workbench.core import hints
from workbench.core.counting import counted

app = typer.Typer(help="Make sample data.")


@app.command()
def generate(
    out: Annotated[Path, typer.Option("--out", help="The CSV file to write.")],
    rows: Annotated[int, typer.Option("--rows", min=1, max=10_000_000, help="How many rows.")] = 20_000,
    seed: Annotated[int, typer.Option("--seed", min=0, help="The same seed gives the same bytes.")] = 0,
) -> None:
    """Write an invented churn sample in the shape of the lab's file.

    Example: workbench data generate --out data/churn.csv --rows 20000 --seed 1
    """
    from workbench.core import atomic_files
    from workbench.projects import project_code

    sample = project_code.load("model.sample")  # pandas is slow to import
    atomic_files.write_file(out, sample.generate(rows, seed))
    say(f"{out} has {counted(rows, 'row')}; next: {hints.train(str(out))}")
