"""An old project's conda file: what PyPI has as wheels for today's Python stays, the rest is told line by line."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from workbench.experiments.configurations import conda
from workbench.experiments.configurations.settings_file import ConfigurationError, Located, keys_of
from workbench.projects.old import LEFT_OUT, NEEDS_YOU, TRANSLATED, Remark
from workbench.registry.manifests import requirement_lines, requirements
from workbench.registry.manifests.manifest import PYTHON

HasWheel = Callable[[str], bool]
_NAME = re.compile(r"[A-Za-z0-9_.-]+(\[[^\]]*\])?")
_NONE = ("no solution found", "not found in the package registry")


@dataclass
class Listed:
    """Requirements that files of an old project name, and what is said of those that can't be had."""

    lines: list[str] = field(default_factory=list)
    remarks: list[Remark] = field(default_factory=list)


def has_wheel(requirement: str) -> bool:
    """Ask the user's index whether `requirement` can be had as a wheel; True when the index says nothing."""
    done = requirements.resolve(f"{requirement}\n", PYTHON, "--no-deps")
    said = " ".join(done.stderr.lower().split())
    return done.returncode == 0 or not any(each in said for each in _NONE)


def read(path: Path, name: str, asks: HasWheel = has_wheel) -> Listed:
    """The lines of a conda file that can be locked."""
    found = Listed()
    try:
        keys = keys_of(path, "")
    except ConfigurationError as error:
        why = str(error).removeprefix(f"{path}: ")
        found.remarks.append(Remark(name, 1, "the file", NEEDS_YOU, why, "mend it and import again"))
        return found
    listed = keys["dependencies"].value if "dependencies" in keys else []
    for item in listed if isinstance(listed, list) else []:
        nested = item.value["pip"].value if isinstance(item.value, dict) and "pip" in item.value else None
        for each in nested if isinstance(nested, list) else [item]:
            _add(found, each, name, asks, pip=nested is not None)
    if "channels" in keys:
        found.remarks.append(Remark(name, keys["channels"].line, "channels", LEFT_OUT, "packages come from PyPI"))
    return found


def read_pip(text: str, name: str, asks: HasWheel = has_wheel) -> Listed:
    """The lines of an old requirements.txt that can be locked."""
    found = Listed()
    for number, line in enumerate(text.splitlines(), 1):
        if plain := re.sub(r"(^|\s)#.*$", "", line).strip():
            _add(found, Located(plain, number), name, asks, pip=True)
    return found


def document(lines: Sequence[str]) -> str:
    """A conda file with these requirements."""
    body: dict[str, Any] = {"name": "project_environment", "dependencies": [f"python={PYTHON}"]}
    if lines:
        body["dependencies"].append({"pip": list(dict.fromkeys(lines))})
    import yaml  # as everywhere, only where it is needed

    return yaml.safe_dump(body, sort_keys=False)


def _add(found: Listed, item: Located, name: str, asks: HasWheel, *, pip: bool) -> None:
    line, remark = _one(item, name, asks, pip=pip)
    names = {requirement_lines.parse(each).name for each in found.lines}
    if line and requirement_lines.parse(line).name not in names:
        found.lines.append(line)
    found.remarks += [remark] if remark else []


def _one(item: Located, name: str, asks: HasWheel, *, pip: bool) -> tuple[str, Remark | None]:
    """A requirement and what is worth saying of it; "" where it is left out."""
    shown = re.sub(r"://[^@/\s]*@", "://***@", str(item.plain()))
    if not pip and re.match(r"python\s*[=<>]", shown):
        return "", Remark(name, item.line, shown, TRANSLATED, f"runs have Python {PYTHON}")
    found = conda.Translation()
    entry = Located({"pip": Located([item], item.line)}, item.line) if pip else item
    if refused := conda.take(entry, found, PYTHON):
        why = refused[0].partition(": ")[2].removeprefix(requirement_lines.shown(item.plain())).strip()
        return "", Remark(name, item.line, shown, LEFT_OUT, why.partition(":")[0], why.partition(":")[2].strip())
    told = found.remarks[0].partition(": ")[2] if found.remarks else ""
    if not found.requirements:
        return "", Remark(name, item.line, shown, LEFT_OUT, told or "wheels bring their own") if told else None
    wanted = found.requirements[0]
    if asks(wanted):
        return wanted, Remark(name, item.line, shown, TRANSLATED, told) if told else None
    bare = (_NAME.match(wanted) or [""])[0]
    if bare != wanted and asks(bare):
        why = f"has no wheel for Python {PYTHON}; a version that has one is taken"
        return bare, Remark(name, item.line, shown, TRANSLATED, why)
    why = "is on PyPI not as a wheel, or not at all"
    return "", Remark(name, item.line, shown, LEFT_OUT, why, "replace it, or build it into an image: baseDockerImage")
