"""workbench gc: what no stack reaches."""

from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.changes import Change, DryRunOption, YesOption, agreed
from workbench.cli.printing import Output, OutputOption, print_rows, say
from workbench.cli.progress import waiting
from workbench.core.errors import InUseError

if TYPE_CHECKING:
    from workbench.stacks.lineage.reach import Thing

_HOUR = 3600


def gc(
    hours: Annotated[
        float, typer.Option("--older-than", metavar="HOURS", min=0, help="Keep what was made or used since.")
    ] = 24,
    images: Annotated[
        bool, typer.Option("--images", help="Also images on the engine that no stack of this home pins or serves.")
    ] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove it, after asking.")] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.table,
) -> None:
    """List what no stack reaches, and remove it when asked to.

    Manifests that no stack's file pins and no service runs, their wheels and build folders, and what killed programs
    left. Models and runs stay: workbench model delete, workbench history delete. Going back to what is removed makes
    it anew.

    Example: workbench gc
    Example: workbench gc --images --older-than 72 --yes
    """
    from workbench.stacks.lineage import engine_images, inventory, reach, stacks  # http and ruamel are slow to import

    seconds = hours * _HOUR
    with waiting("looking at stacks, manifests and caches"):
        uses = stacks.read()
        if uses.unseen:
            raise InUseError(f"nobody can tell what services run, as {uses.unseen}")
        things = inventory.read(seconds) + (engine_images.read(uses.registries) if images else [])
        left = reach.unreached(things, uses, seconds)
    if not (remove or yes) or dry_run:
        rows = [
            {
                "kind": each.kind.value,
                "what": each.place,
                "hours": round(each.age / _HOUR, 1),
                "size": _size(each.size) if output is Output.table else each.size,
            }
            for each in left
        ]
        print_rows(rows, output, empty=f"nothing is left over that is older than {hours:g} hours")
        if left:
            say(f"{_sum(left)}; to remove it: workbench gc --yes{' --images' if images else ''}")
        return
    if not agreed([Change("remove", f"{each.kind.value} {each.place}", _size(each.size)) for each in left], yes=yes):
        return
    gone = [
        each
        for each in left
        if (
            engine_images.remove(each)
            if each.kind is reach.Kind.image
            else inventory.remove(each, stacks.pinned, seconds)
        )
    ]
    for each in left:
        if each not in gone:
            say(f"{each.place} stays: somebody uses it by now, or removed it first")
    print_rows(
        [{"kind": each.kind.value, "what": each.place, "size": each.size} for each in gone],
        output,
        empty="nothing was removed",
    )
    say(f"removed {_sum(gone)}")


def _sum(things: "list[Thing]") -> str:
    counts = Counter(thing.kind.value for thing in things)
    told = ", ".join(f"{count} of kind {kind}" for kind, count in counts.items()) or "nothing"
    return f"{told}, {_size(sum(thing.size for thing in things))}"


def _size(size: int) -> str:
    return f"{size / 1e6:.1f} MB"
