"""workbench service: the table of its verbs, and looking at services. The verbs lie in modules beside it."""

from typing import Any

import typer

from workbench.cli import (
    service_calls,
    service_create,
    service_delete,
    service_keys,
    service_logs,
    service_scale,
    service_update,
)
from workbench.cli.lineage import LineageOption
from workbench.cli.lineage import show as show_lineage
from workbench.cli.printing import Output, OutputOption, print_one, print_rows
from workbench.cli.service_options import NameOption
from workbench.cli.stacks import StackOption, chosen

app = typer.Typer(help="Create, update, show and call scoring services.")
app.add_typer(service_create.app, name="create")
app.add_typer(service_update.app, name="update")


@app.command("list")
def list_services(stack: StackOption = None, output: OutputOption = Output.table) -> None:
    """List the services of an environment: those that serve, and those that its file names.

    Example: workbench service list -s staging
    """
    from workbench.stacks.environments import environment  # http and ruamel are slow to import
    from workbench.stacks.services import service, stack_inputs  # http and ruamel are slow to import

    where = chosen(stack)
    pinned = stack_inputs.read_services(environment.file(where))
    serving = service.find_all(where)
    rows = [
        _row(name, serving[name].state if name in serving else {}, pinned.get(name))
        for name in sorted({*pinned, *serving})
    ]
    print_rows(rows, output, empty=f"{where} has no services yet; run: workbench service create realtime --help")


@app.command()
def show(
    name: NameOption,
    stack: StackOption = None,
    lineage: LineageOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Show what serves, where, and where its keys lie; or where it comes from.

    Example: workbench service show -n churnpred -s staging
    Example: workbench service show -n churnpred -s staging --lineage
    """
    if lineage:
        show_lineage(name, chosen(stack), output)
        return
    from workbench.stacks.services import service  # http is slow to import

    print_one(service.find(chosen(stack), name).document(), output)


app.command()(service_calls.run)
app.command()(service_calls.usage)
app.command()(service_keys.keys)
app.command()(service_scale.scale)
app.command()(service_logs.logs)
app.command()(service_delete.delete)


def _row(name: str, state: dict[str, Any], pinned: dict[str, Any] | None) -> dict[str, Any]:
    wanted, there = pinned or {}, bool(state)
    kept = there and pinned is not None
    same = kept and wanted.get("manifest") == state.get("manifest")
    return {
        "name": name,
        "state": "serving" if same else "update pending" if kept else "removal pending" if there else "not up yet",
        "models": state.get("models", []),
        "manifest": str(state.get("manifest") or wanted.get("manifest", "")),
        "replicas": len(state.get("servers", [])),
        "scoringUrl": state.get("scoringUrl", ""),
    }
