"""workbench service logs: what the containers that serve have said."""

from typing import Annotated

import typer

from workbench.cli.service_options import NameOption
from workbench.cli.stacks import StackOption, chosen


def logs(
    name: NameOption,
    stack: StackOption = None,
    tail: Annotated[int | None, typer.Option("--tail", min=0, help="The last N lines of each container only.")] = None,
    follow: Annotated[bool, typer.Option("--follow", help="Go on with what they say next, until Ctrl-C.")] = False,
) -> None:
    """Print the log of the containers of the release that serves.

    Example: workbench service logs -n churnpred --tail 20
    """
    from workbench.stacks.environments import logs as kept  # http is slow to import
    from workbench.stacks.environments import pods
    from workbench.stacks.services import service  # http is slow to import

    found = service.find(chosen(stack), name)
    if pods.is_in_cluster(found):
        pods.show(found, tail=tail, follow=follow)
    else:
        kept.show(kept.hosts(found), tail=tail, follow=follow)
