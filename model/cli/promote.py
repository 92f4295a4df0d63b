"""workbench promote: let one stack run the image that another serves."""

from typing import Annotated

import typer

from model.cli.printing import say


def promote(
    name: Annotated[str, typer.Argument(help="The service's name.")],
    source: Annotated[str, typer.Option("--from", help="The stack that serves the image.")],
    target: Annotated[str, typer.Option("--to", help="The stack that shall run it.")],
) -> None:
    """Pin the digest of the image that one stack serves in another stack's file. Builds nothing.

    Example: workbench promote churnpred --from staging --to prod
    """
    from model import home, service, stack_inputs  # ruamel and http are slow to import

    path = home.stack_file(target)
    before = stack_inputs.read_pins(path).get(name, {})
    serving = service.find(source, name)
    image = serving.text("image")
    if stack_inputs.pin_image(path, name, serving.text("manifest"), image):
        old = before.get("image") or before.get("manifest") or "nothing"
        print(f"{path.name}: {name} pinned {old}, now pins {image}, which {source} serves")
    else:
        print(f"{path.name}: {name} already pins {image}, which {source} serves")
    say(f"next: pulumi up -s {target}")
