"""The environment that `env set` chose for a project, remembered in the home: verbs use it when none is named."""

from pathlib import Path

from workbench.core import atomic_files, home
from workbench.core.errors import EnvironmentsError
from workbench.stacks.environments import environment


def read() -> str | None:
    """The chosen environment's name, None where none was chosen."""
    try:
        return _file().read_text(encoding="utf-8").strip() or None
    except FileNotFoundError:
        return None


def write(name: str) -> None:
    """Remember an environment that is there. Raises EnvironmentsError otherwise."""
    environment.file(name)
    home.create()
    atomic_files.write_file(_file(), f"{name}\n".encode())


def forget(name: str) -> None:
    """Choose none, if `name` was chosen."""
    if read() == name:
        _file().unlink(missing_ok=True)


def stack(given: str | None) -> str:
    """The stack that a verb works on: the one given, else the chosen one. Raises EnvironmentsError without either."""
    if given:
        return given
    if name := read():
        environment.file(name)
        return name
    known = ", ".join(environment.names()) or "none yet: workbench env setup makes one"
    raise EnvironmentsError(f"no --stack is given and none was chosen by: workbench env set -n NAME; there are {known}")


def _file() -> Path:
    return home.home() / "chosen" / home.project_name()
