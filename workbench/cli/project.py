"""workbench project: new ones, and old Azure ML Workbench projects brought over."""

import re
import shlex
from dataclasses import asdict
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.changes import Change, DryRunOption, agreed
from workbench.cli.printing import Output, OutputOption, print_one, say
from workbench.cli.progress import waiting
from workbench.core.counting import counted

app = typer.Typer(help="Make a project, or import one of the Azure ML Workbench.")


class Template(StrEnum):
    """The templates of projects."""

    churn = "churn"
    lab = "lab"
    blank = "blank"


WorkbenchOption = Annotated[
    str | None,
    typer.Option("--workbench", help="What its .venv has this workbench from: a wheel, or what pip installs."),
]
GatewayOption = Annotated[
    int | None, typer.Option("--gateway-port", min=1, max=65_534, help="Of staging; prod has the next one.")
]
RegistryOption = Annotated[
    int | None, typer.Option("--registry-port", min=1, max=65_534, help="Of staging; prod has the next one.")
]


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="The project's name, and its folder's; what it serves has - for _.")],
    template: Annotated[
        Template,
        typer.Option(
            "--template", help="blank: a model of your own; churn: this repository's example; lab: the lab's scripts."
        ),
    ] = Template.blank,
    to: Annotated[Path | None, typer.Option("--to", help="Another folder than ./NAME.")] = None,
    gateway_port: GatewayOption = None,
    registry_port: RegistryOption = None,
    workbench: WorkbenchOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Make a complete project: scripts, run configurations, stacks, CI. Writes into an empty or a new folder alone.

    Example: workbench project new iris
    Example: workbench project new churn-prediction --template churn --gateway-port 8090
    """
    from workbench.projects import new as making  # building a wheel is this verb's alone
    from workbench.projects import ports
    from workbench.projects.template import check_name

    called = name.replace("_", "-")
    check_name(called)
    target = to or Path(name)
    making.check_target(target)
    with waiting("making a project"):
        content = making.files(called, template.value, ports.given(gateway_port, registry_port), workbench)
    changes = [Change("write", str(target / each), counted(len(content[each]), "byte")) for each in sorted(content)]
    if not agreed(changes, dry_run=dry_run, output=output):
        return
    making.write(target, content)
    print_one({"project": called, "folder": str(target), "template": template.value, "files": len(content)}, output)
    made = "train manifest" if template is Template.lab else "train"
    say(f"next: cd {target} && make engines {made} up score; its README.md says what each does")


@app.command("import")
def import_project(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="The old project; it stays as it is.")],
    to: Annotated[
        Path | None, typer.Option("--to", help="The new folder, by default DIR with -imported behind it.")
    ] = None,
    name: Annotated[
        str | None, typer.Option("-n", "--name", help="The project's name, by default from the folder's.")
    ] = None,
    gateway_port: GatewayOption = None,
    registry_port: RegistryOption = None,
    workbench: WorkbenchOption = None,
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Bring an old Azure ML Workbench project over, and say line by line what was translated and what was not.

    Example: workbench project import ~/Documents/churn_prediction --to churn-prediction
    Example: workbench project import old --dry-run -o json
    """
    from workbench.projects import new as making  # parsing scripts is this verb's alone
    from workbench.projects import ports
    from workbench.projects.old import NEEDS_YOU, collisions, line, project, training
    from workbench.projects.template import ProjectError, check_name

    if not folder.is_dir():
        what = "is no folder" if folder.exists() else "there is no such folder"
        raise ProjectError(f"{folder}: {what}; give that of the old project")
    source = folder.resolve()
    target = to or source.with_name(f"{source.name}-imported")
    if target.absolute().is_relative_to(source):
        raise typer.BadParameter(f"--to {target} lies inside of the old project, which stays as it is")
    called = name or re.sub(r"[^a-z0-9]+", "-", target.name.removesuffix("-imported").lower()).strip("-")
    check_name(called)
    making.check_target(target)
    with waiting("reading the old project, asking the index for its packages"):
        found = project.read(source, called)
        base = making.files(called, "imported", ports.given(gateway_port, registry_port), workbench)
    made = {"train.mk", training.NEEDS, training.PACKAGES, "IMPORT.md"} & {*found.files, "train.mk", "IMPORT.md"}
    places, moved = collisions.places([file for file in found.files if file not in made], [*base, *made])
    remarks = [*found.remarks, *moved]
    content: dict[str, bytes | Path] = {**base}
    content |= {places.get(each, each): data for each, data in found.files.items()}
    content["IMPORT.md"] = project.report(remarks).encode()
    if output is Output.table:
        print("\n".join(line(remark) for remark in remarks) or "everything stays as it was")
    else:
        answer = {"project": called, "folder": str(target), "files": sorted(content)}
        print_one({**answer, "remarks": [asdict(remark) for remark in remarks]}, output)
    if dry_run:
        say(f"a dry run: {target} was not written")
        return
    making.write(target, content)
    needs_you = sum(remark.verdict == NEEDS_YOU for remark in remarks)
    mend = f"{counted(needs_you, 'line')} {'needs' if needs_you == 1 else 'need'} you; " if needs_you else ""
    commands = f"cd {shlex.quote(str(target))} && {training.following(found.plan)}"
    say(f"{target} has {counted(len(content), 'file')}, the report is its IMPORT.md; {mend}next: {commands}")
