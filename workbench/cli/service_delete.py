"""workbench service delete: a service, its keys and its containers; its image stays."""

from workbench.cli.changes import Change, DryRunOption, YesOption
from workbench.cli.printing import Output, OutputOption, say
from workbench.cli.service_options import NameOption
from workbench.cli.stacks import StackOption, carry_out, chosen
from workbench.core.errors import ParameterError


def delete(
    name: NameOption,
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Take a service out of its environment: URL, both keys, containers. Names them, and asks.

    Its image, manifest and models stay.

    Example: workbench service delete -n churnpred -s staging --yes
    """
    from workbench.stacks.environments import environment, logs, pods  # http and ruamel are slow to import
    from workbench.stacks.services import service, stack_inputs  # http and ruamel are slow to import

    where = chosen(stack)
    path = environment.file(where)
    serving, pinned = service.find_all(where), stack_inputs.read_services(path)
    if name not in {*serving, *pinned}:
        raise ParameterError(f"{where} has no service {name!r}; it has {', '.join({*serving, *pinned}) or 'none'}")
    changes = [Change("remove", f"service {name} from {path.name}")]
    if served := serving.get(name):
        here = pods.is_in_cluster(served)
        hosts = pods.names(served) if here else logs.hosts(served)
        changes += [
            Change("remove", str(served.state.get("scoringUrl", "its URL")), "callers get 404 or 502 from then on"),
            Change("remove", f"both keys in {served.keys_folder}", "new ones are others"),
            *(Change("remove", f"{'pod' if here else 'container'} {host}") for host in hosts),
        ]
    if carry_out(
        where,
        lambda file: stack_inputs.remove_service(file, name),
        changes,
        dry_run=dry_run,
        yes=yes,
        output=output,
    ):
        say(f"{name} is gone from {where}; its image stays, and workbench image list --stack {where} shows it")
