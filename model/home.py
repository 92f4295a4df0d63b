"""Where things lie: the home (outside the tree), the project (the tree), and other projects with the same home."""

import hashlib
import os
import re
from pathlib import Path

from model import placing
from model.errors import ParameterError

_PROJECTS = "projects"
_STACK = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_PROJECT_NAME = re.compile(r"""^name:\s*["']?([A-Za-z0-9_.-]+)""", re.MULTILINE)


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
    """The nearest folder, from the working directory up, that holds a Pulumi.yaml; else the tree of this package."""
    here = Path.cwd()
    for folder in (here, *here.parents):
        if (folder / "Pulumi.yaml").is_file():
            return folder
    return Path(__file__).resolve().parent.parent


def project_name(folder: Path | None = None) -> str:
    """The `name` in the Pulumi.yaml of `folder`, by default the project's; else the folder's name."""
    folder = folder or project()
    try:
        found = _PROJECT_NAME.search((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found.group(1) if found else folder.name


def keys(stack: str, service: str) -> Path:
    """The folder of the caller's copies of a service's keys; a home may have many projects with stacks of one name."""
    return home() / "keys" / project_name() / stack / service


def stack_file(stack: str) -> Path:
    """The file of a stack. Raises ParameterError when `stack` cannot be the name of one."""
    if not _STACK.fullmatch(stack):
        raise ParameterError(f"stack {stack!r}: a stack is named by letters, digits, '-', '_' and '.'")
    return project() / f"Pulumi.{stack}.yaml"


def remember(folder: Path) -> None:
    """Note a project whose stacks' files pin what lies in this home, so that nobody takes it for left over."""
    note = home() / _PROJECTS / hashlib.sha256(os.fsencode(folder)).hexdigest()[:16]
    if not note.exists():
        placing.write_file(note, os.fsencode(folder))


def projects() -> list[Path]:
    """The folders of this project and of all that were noted and are still there."""
    notes = sorted((home() / _PROJECTS).glob("[0-9a-f]*"))
    noted = [Path(os.fsdecode(note.read_bytes())) for note in notes]
    return list(dict.fromkeys(each for each in (project(), *noted) if (each / "Pulumi.yaml").is_file()))
