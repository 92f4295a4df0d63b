"""Which packages of a runtime come, go or change their version. Pure."""

import re
from dataclasses import dataclass

_PINNED = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^\]]*\])?==([^\s;\\]+)", re.MULTILINE)


@dataclass(frozen=True)
class RequirementChange:
    """`old` or `new` is None of a package that is not there."""

    name: str
    old: str | None
    new: str | None


def compare(old: str, new: str) -> list[RequirementChange]:
    """Two contents of a locked requirements.txt."""
    before, after = dict(_PINNED.findall(old)), dict(_PINNED.findall(new))
    return [
        RequirementChange(name, before.get(name), after.get(name))
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]
