"""What of a project decides what a person runs next: recipes, stacks, programs, locks, hooks. The one list of it.

A run that is not recorded changes none of it, however visible it is: `give_back` asks here.
"""

import contextlib
import os
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

from workbench.core import project_file
from workbench.core.errors import WorkbenchError
from workbench.experiments.runs.run_record import git
from workbench.experiments.targets.layout import TREE

# In small letters, as some disks take names in any case. Below outputs/, which is the runs' own, they decide nothing.
_NAMES = (
    *("makefile", "gnumakefile", "*.mk", "pulumi*.yaml", "pulumi*.yml", "pulumi*.json", "__main__.py"),
    *(
        "*requirements*.txt",
        "pyproject.toml",
        "setup.py",
        "setup.cfg",
        "uv.toml",
        "dockerfile",
        "*.dockerfile",
        "training.yaml",
    ),
    *("conftest.py", "sitecustomize.py", "usercustomize.py", "jenkinsfile", "azure-pipelines*.yml"),
)
_FOLDERS = frozenset({".github", "aml_config", "deployment", "infra", "policies", "promotions", "toolchain"})


def decides(project: Path) -> Callable[[str], bool]:
    """Whether a path of the project decides what people run next: by its name, or by what git, pulumi and we run."""
    places = {_folded(place) for place in (*_of_git(project), *_of_pulumi(project), TREE / "workbench")}
    root = project.resolve()

    def is_deciding(name: str) -> bool:
        path = PurePosixPath(_folded(name))
        target = PurePosixPath(_folded(root / name))
        if not places.isdisjoint(map(str, (target, *target.parents))):
            return True
        own = path.parts[0] == "outputs" and len(path.parts) > 1
        return not own and (
            any(fnmatchcase(path.name, form) for form in _NAMES) or not _FOLDERS.isdisjoint(path.parts[:-1])
        )

    return is_deciding


def _of_git(project: Path) -> Iterator[Path]:
    """The folder of its hooks, and the files that its configuration includes, which may name other ones."""
    told = git(project, "rev-parse", "--path-format=absolute", "--show-toplevel", "--git-path", "hooks") or ""
    top, _, hooks = told.removesuffix("\n").partition("\n")
    if not hooks:
        return
    yield Path(hooks).resolve()
    form = r"^include(if\..*)?\.path$"
    fields = (git(project, "config", "-z", "--show-origin", "--type=path", "--get-regexp", form) or "").split("\0")
    for origin, value in zip(fields[::2], fields[1::2], strict=False):
        yield Path(top, origin.removeprefix("file:")).parent.joinpath(value.partition("\n")[2]).resolve()


def _of_pulumi(project: Path) -> Iterator[Path]:
    """The program of its stacks, where it has a folder or a file of its own."""
    if path := project_file.above(project):
        with contextlib.suppress(WorkbenchError):
            main = project_file.load(path).get("main")
            program = Path(path.parent, main if isinstance(main, str) else "").resolve()
            if program not in (path.parent.resolve(), *path.parent.resolve().parents):
                yield program


def _folded(path: str | os.PathLike[str]) -> str:
    return "/".join(part.casefold().rstrip(". ") or part for part in os.fspath(path).split("/"))
