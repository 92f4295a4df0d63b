"""workbench model download, tag, delete: what becomes of a version's files, and what is said of it."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli import suggestions
from workbench.cli.changes import Change, DryRunOption, YesOption, agreed
from workbench.cli.lineage import ModelArgument
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.core.canonical import sha256_file
from workbench.core.counting import counted
from workbench.core.errors import ParameterError
from workbench.registry.models.registry import NAME, ModelRegistry


def download(
    model: ModelArgument,
    to: Annotated[Path, typer.Option("--to", help="The folder to write into.")] = Path(),
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Copy a version's files into a folder and check them there. Writes over nothing.

    Example: workbench model download churn:2 --to churn-2
    """
    found = ModelRegistry().find(model)
    changes = [Change("write", str(to / entry["path"]), counted(entry["size"], "byte")) for entry in found.files]
    if not agreed(changes, dry_run=dry_run, output=output):
        return
    print_rows(
        [{"file": str(path), "size": path.stat().st_size, "sha256": sha256_file(path)} for path in found.download(to)],
        output,
        empty="",
    )


def tag(
    model: ModelArgument,
    tags: Annotated[list[str] | None, typer.Argument(metavar="KEY=VALUE", help="Tags to set.")] = None,
    remove: Annotated[list[str] | None, typer.Option("--remove", metavar="KEY", help="A tag to remove.")] = None,
    description: Annotated[str | None, typer.Option("-d", "--description", help="Another description.")] = None,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Set and remove tags of a version, or give it another description. Its files and digest stay.

    Example: workbench model tag churn:2 stage=tried owner=ann
    Example: workbench model tag churn:2 --remove stage -d 'the one with 2026 data'
    """
    given = dict(map(pair, tags or []))
    if not (given or remove or description is not None):
        raise typer.BadParameter("give KEY=VALUE, --remove KEY or --description")
    registry = ModelRegistry()
    found = registry.find(model)
    changes = [Change("set", f"tag {key} of {found.label}", value) for key, value in given.items()]
    changes += [Change("remove", f"tag {key} of {found.label}") for key in remove or []]
    changes += [Change("describe", found.label, description)] if description is not None else []
    if not agreed(changes, dry_run=dry_run, output=output):
        return
    if given or remove:
        found = registry.tag(found.name, found.version, given, remove=remove or [])
    if description is not None:
        found = registry.describe(found.name, found.version, description)
    print_one(found.summary(), output)


def delete(
    models: Annotated[
        list[str],
        typer.Argument(metavar="MODEL", help="NAME:VERSION, or the start of an id.", autocompletion=suggestions.models),
    ],
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Delete versions with their files, for good. Refuses one of a manifest that a stack pins or serves.

    Example: workbench model delete churn:2
    Example: workbench model delete churn:2 churn:3 --dry-run
    """
    from workbench.stacks.lineage import holdings, refusals, stacks  # http and ruamel are slow to import

    registry = ModelRegistry()
    for model in models:
        if NAME.fullmatch(model) and registry.list(model):
            raise ParameterError(f"{model}: which version? write {model}:VERSION; see: workbench model list -n {model}")
    found = list({version.label: version for version in map(registry.find, models)}.values())
    known = holdings.read()
    held = {version.label: holdings.holding(version, known) for version in found}
    if any(held.values()):
        uses = stacks.read()
        for version in found:
            refusals.check_version(version, held[version.label], uses)
    changes = [
        Change(
            "delete",
            f"model {version.label}",
            f"{counted(len(version.files), 'file')}, {sum(entry['size'] for entry in version.files) / 1e6:.1f} MB"
            + "".join(f"; {each.id[:19]}… keeps a copy" for each in held[version.label]),
        )
        for version in found
    ]
    if not agreed(changes, dry_run=dry_run, yes=yes, output=output):
        return
    for version in found:
        registry.delete(version.name, version.version)
        say(f"deleted model {version.label}")


def pair(text: str) -> tuple[str, str]:
    """Key and value of a tag."""
    key, equals, value = text.partition("=")
    if not equals:
        raise typer.BadParameter(f"{text!r}: write KEY=VALUE")
    return key, value
