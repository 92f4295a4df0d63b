"""What to run next, of what the project at hand has: its own commands where it trains its own way. Runs nothing."""

import re
import shlex

from workbench.core import home

_MAKEFILES = ("Makefile", "*.mk")
FILE = "FILE"


def trains_itself() -> bool:
    """Whether `workbench train` is how this project trains: it says what to run."""
    return (home.project() / home.TRAINING).is_file()


def train(data: str = FILE, name: str = "") -> str:
    """The command that trains here, on `data` where it is a file's name, a model called `name`."""
    if trains_itself():
        return "workbench train" + (f" --data {data}" if data != FILE else "") + (f" --name {name}" if name else "")
    if _has_recipe():
        return "make train" + (f" DATA={shlex.quote(data)}" if data != FILE else "")
    return "workbench experiment submit -c local SCRIPT"


def new_version(name: str) -> str:
    """The commands that give a model its next version: here by training, else of a file or of a run's outputs."""
    register = f"workbench model register -n {name} -m {FILE}, or: workbench history promote last -ap outputs -n {name}"
    if trains_itself() or (_has_recipe() and name == home.project_name()):
        return f"{train(name=name)}, or: {register}"
    return register


def manifest() -> str:
    """The command that makes a manifest here."""
    if trains_itself():
        return train()
    return "make manifest" if _has_recipe("manifest") else "workbench manifest create --help"


def _has_recipe(target: str = "train") -> bool:
    begins = re.compile(rf"^{target} *:", re.MULTILINE)
    found = [path for pattern in _MAKEFILES for path in home.project().glob(pattern) if path.is_file()]
    return any(begins.search(path.read_text(encoding="utf-8", errors="replace")) for path in found)
