"""The files of a project from the templates of this package: names and bytes. Writes nothing.

A template is a folder of files; `@{name}` in them is filled in, and `dot.` at the beginning of a name stands for a dot.
"""

import re
from collections.abc import Mapping
from pathlib import Path

from workbench.core.errors import WorkbenchError
from workbench.projects.origin import REQUIREMENTS

TEMPLATES = Path(__file__).with_name("templates")
_FIELD = re.compile(r"@\{(\w+)\}")
_NAME = re.compile(r"[a-z][a-z0-9-]{1,30}[a-z0-9]")
_COMMON = "common"


class ProjectError(WorkbenchError):
    """A project can't be made, or not be read."""


def check_name(name: str) -> None:
    """Raise ProjectError unless `name` can name a project, its model, its service and things of an engine."""
    if not _NAME.fullmatch(name) or "--" in name:
        raise ProjectError(
            f"project {name!r}: 3 to 32 of a-z, 0-9 and single '-', a letter first, a letter or digit last, such as "
            "churn-prediction"
        )


def render(template: str, fields: Mapping[str, str]) -> dict[str, bytes]:
    """All files of a project by their path in it: what every project has, what `template` adds, and the lock."""
    found = {"requirements.txt": REQUIREMENTS.read_bytes()}
    for folder in (TEMPLATES / _COMMON, TEMPLATES / template):
        for path in sorted(each for each in folder.rglob("*") if each.is_file() and each.parent.name != "__pycache__"):
            parts = [re.sub(r"^dot\.", ".", part) for part in path.relative_to(folder).parts]
            found["/".join(parts)] = _filled(path.read_text(encoding="utf-8"), fields).encode()
    return found


def _filled(text: str, fields: Mapping[str, str]) -> str:
    return _FIELD.sub(lambda field: fields[field.group(1)], text)
