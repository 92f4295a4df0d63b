"""Old projects to import, and an index that answers without a network."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path

from workbench.projects import new
from workbench.projects.old import project
from workbench.projects.old.environment import Locked
from workbench.projects.old.packaging import Index
from workbench.registry.manifests.requirement_lines import parse

OLD_PROJECTS = Path(__file__).parent / "old_projects"
_OLD_PINS = ("scikit-learn==0.18.1.*", "pandas==0.20.3.*", "numpy==1.13.*", "seaborn==0.8.1")


def _has_wheel(requirement: str) -> bool:
    """As today's index: old pins have no wheels."""
    return requirement not in _OLD_PINS


def _lock(lines: Sequence[str]) -> Locked:
    """Version 1.0 of everything but what has no wheel."""
    if set(lines) & set(_OLD_PINS):
        return Locked({}, "the index gives no versions")
    names = [parse(line).name for line in lines]
    return Locked({name: f"{name}==1.0 \\\n    --hash=sha256:{64 * '0'}" for name in names})


INDEX = Index(has_wheel=_has_wheel, lock=_lock)


def content(found: project.Imported, name: str) -> bytes:
    """What a file of an imported project holds."""
    data = found.files[name]
    return data if isinstance(data, bytes) else data.read_bytes()


def text(found: project.Imported, name: str) -> str:
    """The same as text."""
    return content(found, name).decode()


def written(found: project.Imported, folder: Path) -> Path:
    """Put an imported project into a new folder below `folder`."""
    target = folder / "imported"
    new.write(target, found.files)
    return target


def as_on_windows(name: str, folder: Path) -> Path:
    """A copy of an old project whose scripts are written in cp1252, with the line ends of Windows."""
    target = Path(shutil.copytree(OLD_PROJECTS / name, folder / name))
    for path in target.glob("*.py"):
        path.write_bytes(path.read_text().replace("\n", "\r\n").encode("cp1252"))
    return target


def minimal(folder: Path, **files: str) -> Path:
    """An old project of a few files; `__` in a name stands for a dot, as in train__py."""
    old = folder / "old-project"
    (old / "aml_config").mkdir(parents=True)
    for name, content in files.items():
        (old / name.replace("__", ".")).write_text(content)
    return old
