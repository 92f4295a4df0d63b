"""Runs as verbs name them and need them: found by part of an id, with their outputs. Prints nothing."""

from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Annotated, Any

import typer

from workbench.cli import suggestions
from workbench.core import home, project_file
from workbench.core.canonical import FileEntry
from workbench.core.errors import ParameterError, RunError
from workbench.experiments.configurations import run_configuration
from workbench.experiments.runs import run_record

if TYPE_CHECKING:
    from workbench.experiments.history.evaluation import Evaluation

Record = dict[str, Any]
OUTPUTS = "outputs"
LOG = "log.txt"
LAST = "last"

RunArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="RUN",
        help="The run's id, its beginning, the end of its number, or last.",
        autocompletion=suggestions.runs,
    ),
]
RunOption = Annotated[
    str | None, typer.Option("-r", "--run", help="The run, as the lab names it.", autocompletion=suggestions.runs)
]
RunsArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="RUN",
        help="Ids of runs, their beginnings, ends of their numbers, or last.",
        autocompletion=suggestions.runs,
    ),
]


def chosen(argument: str | None, option: str | None) -> Record:
    """The run that the command line names once, either way. Raises RunError when there is none."""
    if (argument is None) == (option is None):
        raise typer.BadParameter("name one run: its id, its beginning, the end of its number, or last")
    return find(argument or option or "")


def listed(*, everywhere: bool = False) -> list[Record]:
    """The runs of the project that the working directory is in, oldest first; all of them outside of any."""
    own = set() if everywhere else _projects()
    return [run for run in run_record.list_all() if not own or run.get("project") in (None, *own)]


def find(text: str) -> Record:
    """The run whose id is `text` or begins so; `last` is the project's newest, a number may be the end of an id.

    Raises RunError unless it is one.
    """
    if text != LAST and not text.isdecimal():
        return run_record.find(text)
    every = listed()[-1:] if text == LAST else run_record.list_all()
    found = [run for run in every if text == LAST or str(run["id"]).endswith(text)]
    if len(found) > 1:
        some = ", ".join(str(run["id"]) for run in found[-2:])
        raise RunError(f"run {text!r} fits {len(found)} runs, such as {some}; write more of the id")
    return found[0] if found else run_record.find(text)


def files(record: Record, paths: Sequence[str]) -> dict[str, FileEntry]:
    """The outputs that `paths` name, files or folders, by the name each gets: a folder's files by their place in it.

    `outputs/` before a path may be left out; no path is all outputs. Raises RunError for a path that names none and for
    two files of one name.
    """
    outputs: list[FileEntry] = record.get("outputs") or []
    if not paths:
        return {entry["path"]: entry for entry in outputs}
    named: dict[str, FileEntry] = {}
    for path in paths:
        wanted = _relative(path)
        found = {
            entry["path"].removeprefix(f"{wanted}/") if entry["path"] != wanted else PurePosixPath(wanted).name: entry
            for entry in outputs
            if wanted in ("", entry["path"]) or entry["path"].startswith(f"{wanted}/")
        }
        if not found:
            have = ", ".join(f"{OUTPUTS}/{entry['path']}" for entry in outputs) or "none"
            raise RunError(f"run {record['id']}: has no output {path!r}; its outputs: {have}")
        if twice := sorted(named.keys() & found.keys()):
            raise RunError(f"run {record['id']}: two of the named outputs are called {twice[0]}; name each once")
        named |= found
    return named


def evaluation(record: Record) -> "Evaluation | None":
    """What the run's model answered on its test part; None of a run that kept none."""
    from workbench.experiments.history import answers  # numpy is slow to import

    return answers.of(record)


def _projects() -> set[str]:
    """The names that runs of this project have: by its project's file, and by the folder of its run configurations."""
    names = {home.project_name()} if project_file.above(Path.cwd()) else set()
    with suppress(ParameterError):
        names.add(run_configuration.project_name(run_configuration.project()))
    return names


def _relative(path: str) -> str:
    """A path below outputs/ as records have it."""
    parts = PurePosixPath(path).parts
    return PurePosixPath(*(parts[1:] if parts[:1] == (OUTPUTS,) else parts)).as_posix().removeprefix(".")
