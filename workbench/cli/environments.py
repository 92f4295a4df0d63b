"""workbench env: environments, one Pulumi stack each, and the one that verbs use when none is named."""

from typing import Annotated, Any

import typer

from workbench.cli import suggestions
from workbench.cli.changes import Change, DryRunOption, YesOption, agreed
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.cli.progress import waiting
from workbench.core import home

app = typer.Typer(help="Set up, choose, show and delete environments.")

NameOption = Annotated[
    str, typer.Option("-n", "--name", help="The environment's name.", autocompletion=suggestions.stacks)
]
PortOption = Annotated[int | None, typer.Option(min=1, max=65535, help="By default the first that is free.")]


@app.command()
def setup(
    name: Annotated[str, typer.Option("-n", "--name", help="The environment's name: a-z and 0-9.")],
    gateway_port: PortOption = None,
    registry_port: PortOption = None,
    address: Annotated[str, typer.Option(help="Where the gateway listens; 0.0.0.0 opens it to the network.")] = "",
    cluster: Annotated[bool, typer.Option("-c", "--cluster", help="Ask for the kubernetes engine.")] = False,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Make an environment: its stack, its file with ports of its own, a registry and a gateway.

    Run again, it brings an environment up that is there already. Commit the file: it is the environment's truth.

    Example: workbench env setup -n bootcampvmstage
    """
    from workbench.stacks.environments import environment, setting_up  # ruamel is slow to import

    path = home.stack_file(name)
    if not path.is_file():
        environment.check_name(name)
    ports = {environment.GATEWAY_PORT: gateway_port, environment.REGISTRY_PORT: registry_port}
    text = environment.text(
        path,
        {
            **({"engine": "kubernetes"} if cluster else {}),
            **({"gatewayAddress": address} if address else {}),
            **{key: given or environment.free_port(key) for key, given in ports.items()},
        },
    )
    there = path.is_file()
    made = [] if there else [Change("create", path.name, " ".join(text.split("\n", 2)[2].split()))]
    if not agreed([*made, Change("bring up", f"environment {name}")], dry_run=dry_run, output=output):
        return
    setting_up.set_up(name, text, say)
    say(f"next: workbench env set -n {name}")
    print_one(_shown(name), output)


@app.command("set")
def set_environment(
    name: NameOption,
) -> None:
    """Choose the environment that verbs use when no --stack is given. Remembered in the home, for this project.

    Example: workbench env set -n bootcampvmstage
    """
    from workbench.stacks.environments import chosen  # ruamel is slow to import

    chosen.write(name)
    say(f"{home.project_name()} uses {name} from now on, where no --stack is given")


@app.command()
def show(
    name: Annotated[
        str | None,
        typer.Option("-n", "--name", help="By default the chosen one.", autocompletion=suggestions.stacks),
    ] = None,
    output: OutputOption = Output.table,
) -> None:
    """Show an environment: its file, ports, engine and services.

    Example: workbench env show
    """
    from workbench.stacks.environments import chosen, environment  # ruamel is slow to import

    where = chosen.stack(name)
    environment.file(where)
    print_one(_shown(where), output)


@app.command("list")
def list_environments(output: OutputOption = Output.table) -> None:
    """List the project's environments, by their files and the backend's stacks.

    Example: workbench env list
    """
    from workbench.stacks.environments import chosen, environment, program  # ruamel is slow to import

    with waiting("asking the backend"):
        stacks = program.known()
    rows = [
        {"name": name, "chosen": name == chosen.read(), **_facts(name), "state": stacks.get(name, "not set up")}
        for name in sorted({*environment.names(), *stacks})
    ]
    print_rows(rows, output, empty="no environments yet; run: workbench env setup -n NAME")


@app.command()
def delete(
    name: NameOption,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Remove an environment with all that it has: services, keys, registry, gateway, its file. Names it all, and asks.

    Models, manifests and runs stay.

    Example: workbench env delete -n bootcampvmstage
    """
    from workbench.stacks.environments import (  # ruamel is slow to import
        chosen,
        environment,
        images,
        program,
        setting_up,
    )
    from workbench.stacks.services import service  # http is slow to import

    path = environment.file(name)
    there = name in program.known()
    serving = service.find_all(name) if there else {}
    changes = [
        *(
            Change("remove", f"service {each}", str(found.state.get("scoringUrl", "")))
            for each, found in serving.items()
        ),
        *([Change("remove", f"stack {name}", "its gateway, registry, volumes and keys")] if there else []),
        Change("remove", path.name),
        *(Change("remove", f"image {each.reference}") for each in images.list_all(name)),
    ]
    if not agreed(changes, dry_run=dry_run, yes=yes, output=output):
        return
    setting_up.take_down(name, say)
    chosen.forget(name)
    say(f"{name} is gone; models, manifests and runs stay")


def _facts(name: str) -> dict[str, Any]:
    """What an environment's file says."""
    from workbench.stacks.environments import environment  # ruamel is slow to import
    from workbench.stacks.services import stack_file, stack_inputs  # ruamel is slow to import

    path = home.stack_file(name)
    if not path.is_file():
        return {"gatewayPort": None, "registryPort": None, "services": []}
    return {
        "engine": str(stack_file.value(path, "engine", "docker")),
        "gatewayPort": environment.port(path, environment.GATEWAY_PORT),
        "registryPort": environment.port(path, environment.REGISTRY_PORT),
        "services": list(stack_inputs.read_services(path)),
    }


def _shown(name: str) -> dict[str, Any]:
    from workbench.stacks.environments import chosen, program  # ruamel is slow to import

    with waiting("asking the backend"):
        state = program.known().get(name, "not set up")
    return {
        "name": name,
        "chosen": name == chosen.read(),
        "file": str(home.stack_file(name)),
        **_facts(name),
        "state": state,
    }
