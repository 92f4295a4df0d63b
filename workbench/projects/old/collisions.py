"""Files of an old project whose place is taken by one of ours: they are kept beside, each told of."""

from collections.abc import Collection

from workbench.projects.old import TRANSLATED, Remark

# What an old project has here is translated, and takes the place of what a new one has.
_THEIRS = "aml_config"
_FOLDER = "old"


def places(names: Collection[str], ours: Collection[str]) -> tuple[dict[str, str], list[Remark]]:
    """Where each of an old project's files goes, and a remark for each that can't stay. Case tells no names apart."""
    tops = {_top(each) for each in names}
    folder = next(each for each in (_FOLDER, *(f"{_FOLDER}-{number}" for number in range(2, 100))) if each not in tops)
    taken = {name.casefold() for name in ours if _top(name) != _THEIRS}
    folders = {_top(name) for name in ours if "/" in name and _top(name) != _THEIRS}
    found: dict[str, str] = {}
    remarks: list[Remark] = []
    for name in names:
        top = _top(name)
        if top == _THEIRS or not (name.casefold() in taken or top in folders or top in taken):
            found[name] = name
            continue
        found[name] = f"{folder}/{name}"
        why = f"is {folder}/{name} here: the new project has its own {name if name.casefold() in taken else top}"
        remarks.append(Remark(name, 0, "the file", TRANSLATED, why, "take over from it what you need"))
    return found, remarks


def _top(name: str) -> str:
    return name.split("/", maxsplit=1)[0].casefold()
