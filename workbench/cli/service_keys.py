"""workbench service keys: where a service's two keys lie, and turning one of them."""

from enum import StrEnum
from typing import Annotated

import typer

from workbench.cli.changes import Change, DryRunOption, YesOption
from workbench.cli.printing import Output, OutputOption, print_one
from workbench.cli.service_options import NameOption
from workbench.cli.stacks import StackOption, carry_out, chosen
from workbench.core.errors import ParameterError


class Which(StrEnum):
    """The two keys."""

    primary = "primary"
    secondary = "secondary"


def keys(
    name: NameOption,
    stack: StackOption = None,
    shown: Annotated[bool, typer.Option("--show", help="Print the keys themselves.")] = False,
    regen: Annotated[bool, typer.Option("--regen", help="Make a key anew; the other one stays valid.")] = False,
    key: Annotated[
        Which | None, typer.Option("-k", "--key", case_sensitive=False, help="The key to make anew.")
    ] = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Tell where a service's keys lie, or make one anew without a restart.

    The stack's file counts each key, so that git shows a rotation; `pulumi up` does the same as this verb.

    Example: workbench service keys -n churnpred
    Example: workbench service keys -n churnpred --regen -k secondary --yes
    """
    from workbench.stacks.environments import environment  # ruamel is slow to import
    from workbench.stacks.services import service, stack_inputs  # http and ruamel are slow to import

    if regen != (key is not None):
        raise typer.BadParameter("give --regen and -k primary|secondary together")
    where = chosen(stack)
    served = service.find(where, name)
    if key:
        path = environment.file(where)
        pinned = stack_inputs.read_services(path)
        if name not in pinned:
            raise ParameterError(f"{path.name} has no service {name} any more; run: pulumi up -s {where}")
        counted = f"{key}Key"
        turned = {counted: int(pinned[name].get(counted, 1)) + 1}
        loss = "who has the old one is refused from then on"
        changes = [Change("replace", f"the {key} key of {name} in {where}", loss)]
        if not carry_out(
            where,
            lambda file: stack_inputs.put(file, name, {}, turned),
            changes,
            dry_run=dry_run,
            yes=yes,
            output=output,
        ):
            return
    files = {each.value: str(served.keys_folder / each) for each in Which}
    document = {"name": name, "stack": where, **{f"{each}KeyFile": path for each, path in files.items()}}
    document |= {"headerFile": str(served.keys_folder / "authorization")}
    document |= {f"{each}Key": served.key(each) for each in files} if shown else {}
    print_one(document, output)
