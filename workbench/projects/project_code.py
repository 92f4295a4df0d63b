"""Modules of the project at hand, such as the training that `workbench train` runs."""

import importlib
import sys
from types import ModuleType

from workbench.core import home
from workbench.projects.template import ProjectError


def load(name: str) -> ModuleType:
    """Import a module of the project, such as `model.train`. Raises ProjectError when the project has no such file."""
    folder = home.project()
    file = folder.joinpath(*name.split(".")).with_suffix(".py")
    if not file.is_file():
        raise ProjectError(f"{folder}: has no {file.relative_to(folder)}, which this verb runs")
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return importlib.import_module(name)
