"""What becomes of the files that a job wrote: outputs of its run, or files of the project where a run is not recorded.

A run may write what it likes. Here files alone are taken, by names that every store and disk takes; what is left out is
told. Git's own folder, and whatever a run does not get to see, no run changes.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

from workbench.core import atomic_files, confined
from workbench.core.canonical import plain_files, sha256_hex
from workbench.experiments.runs import deciding
from workbench.experiments.targets import snapshot

OUTPUTS, BESIDE = "outputs", "beside"
_SHOWN = 5
_CUT = 200


def keep(written: Path, outputs: Path) -> list[str]:
    """Move what a job wrote to a run's outputs: the files of its outputs/, and those beside it by their own names.

    Where both have a name, the one beside goes into the folder `beside`. Gives a line for what is left out or renamed.
    """
    told: list[str] = []
    inside = plain_files(written / OUTPUTS)
    for root, paths in ((written / OUTPUTS, inside), (written, [*{*plain_files(written)} - {*inside}])):
        for path in sorted(paths):
            name = path.relative_to(root).as_posix()
            kept = plain_name(name)
            try:
                _move(path, _free(outputs, [kept, *_others(kept)]))
            except (confined.ConfinedError, FileExistsError) as error:
                told.append(f"{_shown(name)} is left out: {error}")
            else:
                told += _renamed(name, kept)
    return told


def give_back(written: Path, project: Path) -> tuple[list[str], list[str]]:
    """Move what a job wrote into the project, over what is there; the files' paths, and lines for what is left out.

    Left out is what no run gets to see (hidden files, what .amlignore names), what decides what people run next, what
    links lead to, and what would take the place of a folder.
    """
    is_closed, is_deciding = snapshot.closed(project), deciding.decides(project)
    given: list[str] = []
    told: list[str] = []
    left: list[str] = []
    for path in plain_files(written):
        name = path.relative_to(written).as_posix()
        kept = plain_name(name)
        try:
            target = confined.below(project, kept)
            if is_closed(kept):
                told.append(f"{_shown(name)} is not given back: runs neither see nor change that; write to {OUTPUTS}/")
            elif is_deciding(kept):
                left.append(name)
            elif target.is_dir() or atomic_files.obstacle(project, target):
                told.append(f"{_shown(name)} is not given back: a file and a folder have that name")
            else:
                _move(path, target)
                given.append(kept)
                told += _renamed(name, kept)
        except confined.ConfinedError as error:
            told.append(f"{_shown(name)} is not given back: {error}")
    return given, [*_left(left), *told]


def _renamed(name: str, kept: str) -> list[str]:
    return [f"{_shown(name)} is kept as {kept}: that name every disk takes"] if kept != name else []


def _left(names: list[str]) -> list[str]:
    """One line for all that decides what people run next, if there is any."""
    if not names:
        return []
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    shown = ", ".join(_shown(name) for name in sorted(names)[:_SHOWN])
    verb = "are not given back: they decide" if len(names) > 1 else "is not given back: it decides"
    return [f"{shown}{more} {verb} what you run next; write to {OUTPUTS}/"]


def tell(told: list[str], say: Callable[[str], None]) -> None:
    """Say the first of many lines, and how many more there are."""
    for line in told[:_SHOWN]:
        say(line)
    if len(told) > _SHOWN:
        say(f"and {len(told) - _SHOWN} more")


def plain_name(path: str) -> str:
    """A path as every store takes it: what is not UTF-8, unseen letters, backslashes, colons as `%E9`, names cut."""
    return "/".join(_plain_part(part) for part in path.split("/"))


def _plain_part(part: str) -> str:
    plain = "".join(_plain_letter(letter) for letter in part)
    if len(plain.encode()) <= confined.LONGEST_NAME:
        return plain
    cut = plain.encode()[:_CUT].decode(errors="ignore")
    return f"{cut}~{sha256_hex(plain.encode())[:12]}"


def _plain_letter(letter: str) -> str:
    try:
        data = letter.encode()
    except UnicodeEncodeError:
        data = letter.encode(errors="surrogateescape")
    else:
        if letter.isprintable() and letter not in "\\:":
            return letter
    return "".join(f"%{byte:02X}" for byte in data)


def _others(kept: str) -> list[str]:
    beside = f"{BESIDE}/{kept}"
    return [beside, *(f"{beside}~{number}" for number in range(2, 10))]


def _free(folder: Path, names: list[str]) -> Path:
    """The first of these places that nothing has. Raises ConfinedError, FileExistsError."""
    for name in names:
        place = confined.below(folder, name)
        if not place.exists() and not atomic_files.obstacle(folder, place):
            return place
    raise FileExistsError(f"{names[0]} is there already")


def _move(source: Path, target: Path) -> None:
    """Without its mode, as a run's file becomes no program with another's rights; of a shared file a copy."""
    target.parent.mkdir(parents=True, exist_ok=True)
    found = source.stat()
    if found.st_nlink > 1:
        shutil.copyfile(source, target)
        source.unlink()
    else:
        shutil.move(source, target)
    target.chmod(0o755 if found.st_mode & 0o100 else 0o644)


def _shown(name: str) -> str:
    return repr(name if len(name) <= _CUT else f"{name[:_CUT]}…")
