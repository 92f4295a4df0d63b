"""Where things lie: the home (outside the tree) and the project (the tree). Creates and reads no content."""

import os
import re
from pathlib import Path

from model.errors import ParameterError

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


def project_name() -> str:
    """The `name` in the project's Pulumi.yaml, else the folder's name."""
    folder = project()
    try:
        found = _PROJECT_NAME.search((folder / "Pulumi.yaml").read_text(encoding="utf-8"))
    except OSError:
        found = None
    return found.group(1) if found else folder.name


def stack_file(stack: str) -> Path:
    """The file of a stack. Raises ParameterError when `stack` cannot be the name of one."""
    if not _STACK.fullmatch(stack):
        raise ParameterError(f"stack {stack!r}: a stack is named by letters, digits, '-', '_' and '.'")
    return project() / f"Pulumi.{stack}.yaml"
