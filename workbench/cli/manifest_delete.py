"""workbench manifest delete."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.changes import Change, DryRunOption, YesOption, agreed
from workbench.cli.printing import Output, OutputOption, say
from workbench.core.canonical import PREFIX
from workbench.core.errors import ManifestError

if TYPE_CHECKING:
    from workbench.stacks.lineage.holdings import Holding


def delete(
    manifest_ids: Annotated[list[str], typer.Argument(metavar="ID", help="Ids, or the first digits of them.")],
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Delete manifests for good. Refuses one that a stack pins or serves; the same parts make the same one again.

    Example: workbench manifest delete 3f2a91
    Example: workbench manifest delete 3f2a91 --dry-run
    """
    from workbench.core import atomic_files
    from workbench.stacks.lineage import holdings, refusals, stacks  # http and ruamel are slow to import

    known = holdings.read()
    found = {held.id: held for held in (_find(each, known) for each in manifest_ids)}
    uses = stacks.read()
    for held in found.values():
        refusals.check_manifest(held, uses)
    changes = [
        Change("delete", f"manifest {held.id}", f"{held.document['name']}: {_models(held.document['models'])}")
        for held in found.values()
    ]
    if not agreed(changes, dry_run=dry_run, yes=yes, output=output):
        return
    for held in found.values():
        kept = not atomic_files.remove_folder(held.folder, stays=lambda _: stacks.pinned(held.id))  # noqa: B023 - asked at once
        say(f"{held.id[:19]}… was pinned meanwhile, it stays" if kept else f"deleted manifest {held.id}")


def _find(prefix: str, known: "list[Holding]") -> "Holding":
    """Also one whose files were changed, which can't be shown any more."""
    wanted = prefix.removeprefix(PREFIX)
    fitting = [each for each in known if wanted and each.id.startswith(PREFIX + wanted)]
    if len(fitting) != 1:
        problem = f"fits {len(fitting)} manifests, write more digits" if fitting else "fits no manifest"
        raise ManifestError(f"{prefix!r} {problem}; run: workbench manifest list")
    return fitting[0]


def _models(models: list[dict[str, object]]) -> str:
    return ", ".join(f"{model['name']}:{model['version']}" for model in models) or "no model"
