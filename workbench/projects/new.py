"""A new project: its files, put in place whole or not at all."""

import re
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from workbench.core import atomic_files, grammars
from workbench.projects import origin, template
from workbench.projects.ports import Ports
from workbench.projects.template import ProjectError

_BEFORE_HOST = re.compile(r"[^@/\s]+@(?=\S)")
# The model and the service that a template's own files name; in the others they are named after the project.
MADE = {"churn": ("churn", "churnpred")}
DESCRIPTIONS = {
    "churn": "Who leaves? A service that learns it from customers' data, with a sample to begin with.",
    "lab": "The churn project of the lab, one script that trains and one that scores.",
    "blank": "A model and a service of its own; to begin with, a straight line through a few points.",
    "imported": "Imported from an Azure ML Workbench project; IMPORT.md says what became of each part.",
}


def files(name: str, kind: str, ports: Ports, workbench: str | None) -> dict[str, bytes]:
    """All files of a project. `workbench` is what pip installs; by default what this one was installed from.

    Raises ProjectError for a name that can't be, WorkbenchError where no wheel of this workbench can be had.
    """
    template.check_name(name)
    vendored: dict[str, bytes] = {}
    source = _path(workbench) or workbench or origin.requirement()
    if isinstance(source, Path):
        wheel, content = origin.wheel(source)
        source = f"{origin.VENDOR}/{wheel}"
        vendored[source] = content
    if not grammars.SOURCE.fits(source):
        raise ProjectError(f"--workbench {_BEFORE_HOST.sub('***@', source)!r} is not {grammars.SOURCE.words}")
    numbers = {key: str(value) for key, value in asdict(ports).items()}
    model, service = MADE.get(kind, (name, name))
    fields = {
        "name": name,
        "model": model,
        "service": service,
        "description": DESCRIPTIONS[kind],
        "workbench": source,
        **numbers,
    }
    return template.render(kind, fields) | vendored


def _path(workbench: str | None) -> Path | None:
    """The file or folder of that name, if there is one."""
    with suppress(OSError):  # what is too long for a name
        return Path(workbench) if workbench and Path(workbench).exists() else None
    return None


def check_target(target: Path) -> None:
    """Raise ProjectError when `target` is there and holds something, or can't be made."""
    if target.is_symlink():
        raise ProjectError(f"{target}: is a link to {target.readlink()}; name a folder, or remove the link")
    if target.is_dir() and any(target.iterdir()):
        raise ProjectError(f"{target}: is there and not empty; name a folder that is not, or move it away")
    if target.exists() and not target.is_dir():
        raise ProjectError(f"{target}: is there and no folder; name another")
    if not target.absolute().parent.is_dir():
        raise ProjectError(f"{target.parent}: there is no such folder to make a project in")


def write(target: Path, content: Mapping[str, bytes | Path]) -> None:
    """Put a project in place in one step; a path is a file to copy.

    Raises ProjectError when somebody else put one there meanwhile, or a file can't be read any more.
    """
    with atomic_files.sibling_folder(target.absolute().parent) as fresh:
        for name, data in content.items():
            path = fresh / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(data, bytes):
                path.write_bytes(data)
            else:
                _copy(data, path)
        if not atomic_files.claim(fresh, target.absolute()):
            check_target(target)


def _copy(source: Path, target: Path) -> None:
    try:
        shutil.copyfile(source, target)
    except OSError as error:
        raise ProjectError(f"{source}: cannot be copied ({error.strerror}); nothing was written") from error
