"""workbench history download, promote, delete: what becomes of a run's files."""

from pathlib import Path
from typing import Annotated, Any

import typer

from workbench.cli import runs, suggestions
from workbench.cli.changes import Change, DryRunOption, YesOption, agreed
from workbench.cli.printing import Output, OutputOption, print_one, print_rows, say
from workbench.cli.runs import RunArgument, RunOption, RunsArgument
from workbench.core import atomic_files, confined, home
from workbench.core.canonical import sha256_file
from workbench.core.counting import counted
from workbench.core.errors import RunError
from workbench.experiments.runs import run_record
from workbench.registry.models import onnx_file
from workbench.registry.models.registry import ModelRegistry, check_name


def download(
    run: RunArgument = None,
    option: RunOption = None,
    path: Annotated[
        list[str] | None,
        typer.Option(
            "--path", help="An output such as outputs/model.onnx, a folder of outputs, or log.txt; repeatable."
        ),
    ] = None,
    to: Annotated[Path, typer.Option("--to", help="The folder to write into.")] = Path(),
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Copy a run's outputs, all or those named, into a folder. Writes over no file that differs.

    Example: workbench history download last --to results
    Example: workbench history download last --path outputs/model.onnx --path log.txt --to results
    """
    found = runs.chosen(run, option)
    wanted = [each for each in path or [] if each != runs.LOG]
    entries = runs.files(found, wanted) if wanted or not path else {}
    if not (entries or path):
        raise RunError(f"run {found['id']}: has no outputs and is {found['status']}; its log is --path {runs.LOG}")
    folder = run_record.files(found["id"])
    kept = folder / runs.OUTPUTS
    content = {name: confined.below(kept, entry["path"]).read_bytes() for name, entry in entries.items()}
    if runs.LOG in (path or []):
        content[runs.LOG] = (folder / runs.LOG).read_bytes()
    targets = {confined.below(to, name): data for name, data in content.items()}
    for target, data in targets.items():
        taken = atomic_files.obstacle(to, target)
        if taken or (target.exists() and (not target.is_file() or target.read_bytes() != data)):
            raise RunError(f"{taken or target}: is there and differs; move it away, or name another folder with --to")
    changes = [Change("write", str(target), counted(len(data), "byte")) for target, data in targets.items()]
    if not agreed(changes, dry_run=dry_run, output=output):
        return
    for target, data in targets.items():
        atomic_files.write_file(target, data)
    print_rows(
        [{"file": str(target), "size": len(data), "sha256": sha256_file(target)} for target, data in targets.items()],
        output,
        empty="",
    )


def promote(
    name: Annotated[str, typer.Option("-n", "--name", help="The model's name.", autocompletion=suggestions.models)],
    artifact_path: Annotated[
        list[str],
        typer.Option("-ap", "--artifact-path", help="An output such as outputs/model.pkl, or a folder; repeatable."),
    ],
    run: RunArgument = None,
    option: RunOption = None,
    description: Annotated[str, typer.Option("-d", "--description", help="A line for people.")] = "",
    dry_run: DryRunOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Register outputs of a run as the next version of a model; the same files are the same version.

    Example: workbench history promote -r last -ap outputs/model.onnx -n churn
    Example: workbench history promote -r last -ap outputs/model.pkl -ap outputs/encoder.pkl -n churn
    """
    check_name(name)
    found = runs.chosen(run, option)
    entries = runs.files(found, artifact_path)
    outputs = run_record.files(found["id"]) / runs.OUTPUTS
    content = {path: confined.below(outputs, entry["path"]).read_bytes() for path, entry in entries.items()}
    onnx_file.check(content)
    files = ", ".join(content)
    if not agreed(
        [Change("register", f"a version of {name}", f"{files} of {found['id']}")], dry_run=dry_run, output=output
    ):
        return
    home.create()
    model = ModelRegistry().register(
        name, content, run_id=found["id"], metrics=found.get("metrics") or {}, description=description
    )
    if model.run_id != found["id"]:
        say(f"{model.label} has the same files, run {model.run_id or '-'} gave them first")
    print_one(model.document(), output)


def delete(
    runs_: RunsArgument,
    keep_models: Annotated[
        bool,
        typer.Option("--keep-models", help="Also a run that a model came from; the model stays, its origin is lost."),
    ] = False,
    dry_run: DryRunOption = False,
    yes: YesOption = False,
    output: OutputOption = Output.table,
) -> None:
    """Delete runs with their outputs and logs. Refuses a run that goes on, and one that a model version came from.

    Whatever --keep-models says, a run stays whose model a stack pins or serves.

    Example: workbench history delete churn_1795467966575
    Example: workbench history delete churn_1795467966575 --dry-run
    """
    from workbench.stacks.lineage import holdings, refusals, stacks  # http and ruamel are slow to import

    found = {str(run["id"]): run for run in (runs.find(each) for each in runs_)}
    for run_id, run in found.items():
        if run["status"] == run_record.RUNNING:
            raise RunError(f"run {run_id}: is running; stop it first, with Ctrl-C where it was started")
    versions = [each for each in ModelRegistry().list() if each.run_id in found]
    if versions:
        known, uses = holdings.read(), stacks.read()
        for run_id in found:
            refusals.check_run(run_id, versions, known, uses, keep_models=keep_models)
    changes = [
        Change(
            "delete", f"run {run_id}", _worth(run, [version.label for version in versions if version.run_id == run_id])
        )
        for run_id, run in found.items()
    ]
    if not agreed(changes, dry_run=dry_run, yes=yes, output=output):
        return
    for run_id in found:
        run_record.delete(run_id)
        say(f"deleted run {run_id}")


def _worth(run: dict[str, Any], models: list[str]) -> str:
    outputs = run.get("outputs") or []
    size = sum(entry["size"] for entry in outputs)
    parts = [str(run["status"]), f"{counted(len(outputs), 'output')} of {size / 1e6:.1f} MB"]
    parts += [f"{', '.join(models)} will not know its run"] if models else []
    return ", ".join(parts)
