"""workbench image: what environments hold built, each known by its digest."""

from typing import Annotated

import typer

from workbench.cli.changes import Change, DryRunOption
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.cli.stacks import StackOption, carry_out, chosen

app = typer.Typer(help="Build images, and show who uses them.")
IdArgument = Annotated[str, typer.Argument(metavar="ID", help="The image's digest, or the first digits of it.")]


@app.command()
def create(
    name: Annotated[str, typer.Option("-n", "--name", help="The image's name: the service's that shall run it.")],
    manifest_id: Annotated[str, typer.Option("--manifest-id", help="A manifest, by its id or the start of it.")],
    stack: StackOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Build an image of a manifest and push it to the environment's registry, without serving it.

    The stack's file lists it under `images`, so `pulumi up` keeps it.

    Example: workbench image create -n churnpred --manifest-id 3f2a91
    """
    from workbench.registry.manifests import manifest
    from workbench.stacks.environments import environment, images  # ruamel is slow to import
    from workbench.stacks.services import stack_inputs  # ruamel is slow to import

    manifest.check_service(name)
    found = manifest.find(manifest_id)
    where = chosen(stack)
    path = environment.file(where)
    if not carry_out(
        where,
        lambda file: stack_inputs.add_image(file, name, found.id),
        [Change("create", f"image {name} in {path.name}", f"of {found.id}")],
        dry_run=dry_run,
        output=output,
        way_back=f"git checkout {path.name}",
    ):
        return
    made = images.made_of(where, name, found.id)
    there = name in stack_inputs.read_services(path)
    verb = f"update realtime -i {name}" if there else f"create realtime -n {name}"
    say(f"next: workbench service {verb} --image-id {made.id[7:19]} --stack {where}")
    print_one(made.document(where), output)


@app.command("list")
def list_images(stack: StackOption = None, output: OutputOption = Output.table) -> None:
    """List an environment's images, oldest first, also those of releases that are over.

    Example: workbench image list -s staging
    """
    from workbench.stacks.environments import images  # ruamel is slow to import

    where = chosen(stack)
    rows = [
        {
            "id": each.id,
            "name": each.name,
            "manifest": each.manifest[:19],
            "created_at": each.created_at[:19],
            "used_by": images.users(each),
        }
        for each in images.list_all(where)
    ]
    print_rows(rows, output, empty=f"{where} has no images yet; run: workbench image create --help")


@app.command()
def show(image_id: IdArgument, stack: StackOption = None, output: OutputOption = Output.table) -> None:
    """Show one image: its location, manifest, models and size.

    Example: workbench image show 3f2a91
    """
    from workbench.stacks.environments import images  # ruamel is slow to import

    where = chosen(stack)
    print_one(images.find(where, image_id).document(where), output)


@app.command()
def usage(image_id: IdArgument, stack: StackOption = None, output: OutputOption = Output.table) -> None:
    """Tell where an image lies, and which services of all environments are pinned to it.

    Example: workbench image usage 3f2a91
    """
    from workbench.stacks.environments import images  # ruamel is slow to import

    where = chosen(stack)
    found = images.find(where, image_id)
    print_one({"id": found.id, "location": found.reference, "used_by": images.users(found)}, output)
