"""Where things lie: the home (outside the tree), the project (the tree), and other projects with the same home."""

import hashlib
import os
import re
from pathlib import Path

from workbench.core import atomic_files, project_file
from workbench.core.errors import ParameterError
from workbench.core.project_file import ProjectFile

TRAINING = "training.yaml"  # of a project: what `workbench train` runs
_PROJECTS = "projects"
_STACK = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_.-]{0,99}")


def home() -> Path:
    """WORKBENCH_HOME, else $XDG_DATA_HOME/workbench, else ~/.local/share/workbench."""
    if chosen := os.environ.get("WORKBENCH_HOME"):
        return Path(chosen).absolute()
    data = os.environ.get("XDG_DATA_HOME") or "~/.local/share"
    return Path(data).expanduser() / "workbench"


def registry() -> Path:
    """The folder of runs, models, manifests and wheels."""
    return home() / "registry"


def cache() -> Path:
    """$XDG_CACHE_HOME/workbench, else ~/.cache/workbench: what can be had again, shared by all homes."""
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "workbench"


def create() -> Path:
    """Make the home if there is none; it is readable by its owner alone."""
    folder = home()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def project() -> Path:
    """The nearest folder, from the working directory up, that holds a project's file; else the tree of this package."""
    found = project_file.above(Path.cwd())
    return found.parent if found else Path(__file__).resolve().parents[2]


def project_name(folder: Path | None = None) -> str:
    """The name that the project's file of `folder` gives, else the folder's own. Raises StackFileError."""
    folder = folder or project()
    found = read_project(folder)
    return found.name if found else folder.name


def read_project(folder: Path | None = None) -> ProjectFile | None:
    """What the project's file of `folder`, by default the project's, says; None without one. Raises StackFileError."""
    found = project_file.inside(folder or project())
    return project_file.read(found) if found else None


def keys(stack: str, service: str) -> Path:
    """The folder of the caller's copies of a service's keys; a home may have many projects with stacks of one name."""
    return home() / "keys" / project_name() / stack / service


def stack_file(stack: str) -> Path:
    """The file of a stack. Raises ParameterError when `stack` cannot be the name of one, and StackFileError."""
    if not _STACK.fullmatch(stack):
        raise ParameterError(f"stack {stack!r}: a stack is named by letters, digits, '-', '_' and '.', no '-' first")
    found = read_project()
    return found.stack_file(stack) if found else project() / f"Pulumi.{stack}.yaml"


def stack_files(folder: Path | None = None) -> dict[str, Path]:
    """The stacks' files of the project in `folder`, by default the project's, by the stacks' names."""
    found = read_project(folder)
    return found.stack_files() if found else {}


def remember(folder: Path) -> None:
    """Note a project whose stacks' files pin what lies in this home, so that nobody takes it for left over."""
    note = home() / _PROJECTS / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    if not note.exists():
        atomic_files.write_file(note, os.fsencode(folder))


def projects() -> list[Path]:
    """The folders of this project and of all that were noted and are still there."""
    notes = sorted((home() / _PROJECTS).glob("[0-9a-f]*"))
    noted = [Path(os.fsdecode(note.read_bytes())) for note in notes]
    return list(dict.fromkeys(each for each in (project(), *noted) if project_file.inside(each)))
