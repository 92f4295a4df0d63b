"""What to run next, of what the project at hand has: its own commands where it trains its own way. Runs nothing."""

import re
import shlex

from model import home

_SCRIPT = ("scoring", "score.py")
_MAKEFILES = ("Makefile", "*.mk")
_FILE = "FILE"


def trains_itself() -> bool:
    """Whether `workbench train` is how this project trains: it has the churn model's score script."""
    return home.project().joinpath(*_SCRIPT).is_file()


def train(data: str = _FILE, name: str = "") -> str:
    """The command that trains here, on `data`, a model called `name`."""
    if trains_itself():
        return f"workbench train --data {data}" + (f" --name {name}" if name else "")
    if _has_recipe():
        return "make train" + (f" DATA={shlex.quote(data)}" if data != _FILE else "")
    return "workbench experiment submit -c local SCRIPT"


def new_version(name: str) -> str:
    """The commands that give a model its next version: here by training, else of a file or of a run's outputs."""
    register = (
        f"workbench model register -n {name} -m {_FILE}, or: workbench history promote last -ap outputs -n {name}"
    )
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
