"""workbench promote: let one stack run the image that another serves."""

from typing import Annotated

import typer

from model.cli.printing import say


def promote(
    name: Annotated[str, typer.Argument(help="The service's name.")],
    source: Annotated[str, typer.Option("--from", help="The stack that serves the image.")],
    target: Annotated[str, typer.Option("--to", help="The stack that shall run it.")],
) -> None:
    """Pin the digest of the image that one stack serves in another stack's file. Builds nothing."""
    from model import home, service, stack_inputs  # ruamel is slow to import

    path = home.stack_file(target)
    before = stack_inputs.read_pins(path).get(name, {})
    digest = "sha256:" + service.find(source, name).output("image").rpartition("sha256:")[2]
    if stack_inputs.pin_image(path, name, digest, source):
        old = before.get("image") or before.get("manifest") or "nothing"
        print(f"{path.name}: {name} pinned {old}, now image {digest} from {source}")
    else:
        print(f"{path.name}: {name} already pins image {digest} from {source}")
    say(f"next: pulumi up -s {target}")
