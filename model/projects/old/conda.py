"""An old project's conda file: what PyPI has as wheels for today's Python stays, the rest is told line by line."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

from model.configurations import conda
from model.configurations.settings_file import ConfigurationError, Located, keys_of
from model.manifests import requirements
from model.manifests.manifest import PYTHON
from model.projects.old import LEFT_OUT, NEEDS_YOU, TRANSLATED, Remark, Translation

HasWheel = Callable[[str], bool]
_NAME = re.compile(r"[A-Za-z0-9_.-]+(\[[^\]]*\])?")
_NONE = ("no solution found", "not found in the package registry")


def has_wheel(requirement: str) -> bool:
    """Ask the user's index whether `requirement` can be had as a wheel; True when the index says nothing."""
    done = requirements.resolve(f"{requirement}\n", PYTHON, "--no-deps")
    said = " ".join(done.stderr.lower().split())
    return done.returncode == 0 or not any(each in said for each in _NONE)


def translate(path: Path, name: str, asks: HasWheel = has_wheel) -> Translation:
    """The file as lines that can be locked."""
    try:
        keys = keys_of(path, "")
    except ConfigurationError as error:
        why = str(error).removeprefix(f"{path}: ")
        return Translation(None, [Remark(name, 1, "the file", NEEDS_YOU, why, "mend it and import again")])
    listed = keys["dependencies"].value if "dependencies" in keys else []
    packages: list[str] = []
    remarks: list[Remark] = []
    for item in listed:
        nested = item.value["pip"].value if isinstance(item.value, dict) and "pip" in item.value else None
        for each in nested if isinstance(nested, list) else [item]:
            line, remark = _one(each, name, asks, pip=nested is not None)
            packages += [line] if line else []
            remarks += [remark] if remark else []
    remarks += (
        [Remark(name, keys["channels"].line, "channels", LEFT_OUT, "packages come from PyPI")]
        if "channels" in keys
        else []
    )
    body: dict[str, Any] = {"name": "project_environment", "dependencies": [f"python={PYTHON}"]}
    if packages:
        body["dependencies"].append({"pip": list(dict.fromkeys(packages))})
    import yaml  # as everywhere, only where it is needed

    return Translation(yaml.safe_dump(body, sort_keys=False), remarks)


def _one(item: Located, name: str, asks: HasWheel, *, pip: bool) -> tuple[str, Remark | None]:
    """A requirement and what is worth saying of it; "" where it is left out."""
    shown = re.sub(r"://[^@/\s]*@", "://***@", str(item.plain()))
    if not pip and re.match(r"python\s*[=<>]", shown):
        return "", Remark(name, item.line, shown, TRANSLATED, f"runs have Python {PYTHON}")
    found = conda.Translation()
    entry = Located({"pip": Located([item], item.line)}, item.line) if pip else item
    if refused := conda.take(entry, found, PYTHON):
        why = refused[0].partition(f"{shown!r} ")[2] or refused[0]
        return "", Remark(name, item.line, shown, LEFT_OUT, why.partition(":")[0], why.partition(":")[2].strip())
    told = found.remarks[0].partition(": ")[2] if found.remarks else ""
    if not found.requirements:
        return "", Remark(name, item.line, shown, LEFT_OUT, told or "wheels bring their own") if told else None
    wanted = found.requirements[0]
    if asks(wanted):
        return wanted, Remark(name, item.line, shown, TRANSLATED, told) if told else None
    bare = (_NAME.match(wanted) or [""])[0]
    if bare != wanted and asks(bare):
        why = f"has no wheel for Python {PYTHON}; the newest version is taken"
        return bare, Remark(name, item.line, shown, TRANSLATED, why, "pin the version that works, once a run has")
    why = "is on PyPI not as a wheel, or not at all"
    return "", Remark(name, item.line, shown, LEFT_OUT, why, "replace it, or build it into an image: baseDockerImage")
