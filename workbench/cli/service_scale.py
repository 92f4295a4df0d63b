"""workbench service scale: how many containers serve."""

from typing import Annotated

import typer

from workbench.cli.changes import Change, DryRunOption
from workbench.cli.printing import Output, OutputOption, print_one
from workbench.cli.service_options import NameOption
from workbench.cli.stacks import StackOption, carry_out, chosen
from workbench.core.counting import counted
from workbench.core.errors import ParameterError


def scale(
    name: NameOption,
    replicas: Annotated[int, typer.Option("-z", "--replicas", min=1, max=1000, help="How many containers.")],
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Serve by another number of containers of the same release. No request is dropped.

    Example: workbench service scale -n churnpred -z 2
    """
    from workbench.stacks.environments import environment  # ruamel is slow to import
    from workbench.stacks.services import service, stack_inputs  # http and ruamel are slow to import

    where = chosen(stack)
    path = environment.file(where)
    known = stack_inputs.read_services(path)
    if name not in known:
        raise ParameterError(f"{path.name} has no service {name!r}; it has {', '.join(known) or 'none'}")
    before = known[name].get("replicas", 1)
    if carry_out(
        where,
        lambda file: stack_inputs.put(file, name, {}, {"replicas": replicas}),
        [Change("scale", f"service {name} in {path.name}", f"{before} to {counted(replicas, 'replica')}")],
        dry_run=dry_run,
        output=output,
    ):
        print_one(service.find(where, name).document(), output)
