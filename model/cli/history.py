"""workbench history: the runs."""

from typing import Annotated

import typer

from model import run_record
from model.cli.printing import Output, OutputOption, print_one, print_rows

app = typer.Typer(help="List and show runs.")


@app.command("list")
def list_runs(output: OutputOption = Output.table) -> None:
    """List all runs, oldest first."""
    rows = [
        {
            "run": run["id"],
            "status": run["status"],
            "started_at": run["started_at"],
            "seconds": run.get("duration_seconds"),
            "model": f"{run['model']['name']}:{run['model']['version']}" if run.get("model") else None,
        }
        for run in run_record.list_all()
    ]
    print_rows(rows, output, empty="no runs yet; run: workbench train --data FILE")


@app.command()
def show(run: Annotated[str, typer.Argument(help="The run's id.")], output: OutputOption = Output.table) -> None:
    """Show one run's record."""
    print_one(run_record.get(run), output)
