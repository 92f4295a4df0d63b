"""Paths that others wrote: of a record, an archive, a store, a listing, a run. They lead below a folder, or nowhere.

Everything that joins such a path asks `below`; a folder that others can write to at the same time is held by `holding`.
"""

import contextlib
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

from workbench.core.errors import WorkbenchError

LONGEST_NAME = 255
LONGEST_PATH = 800  # an object store's keys end at 1024 bytes, with what stands before
_LONGEST = 4095
_ORDINARY = re.compile(r"\w[\w.-]{0,98}(?:/\w[\w.-]{0,98}){0,6}", re.ASCII)
_GIT = frozenset({".git", "git~1"})
# Control letters, marks of direction and of zero width, separators of lines and paragraphs.
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp"})


class ConfinedError(WorkbenchError):
    """A path leads out of its folder, or could."""


class NameRefusedError(ConfinedError):
    """A path stays in its folder here, and means something else on another system or to a reader."""


def check(path: object) -> tuple[str, ...]:
    """The parts of a path with `/` between them. Raises ConfinedError unless it stays below any folder.

    No absolute path, no `..`, no backslash, no colon (a drive or a stream somewhere), no control letter, no letter that
    nobody sees, nothing that is not UTF-8 or that a disk refuses, and nothing of git's own folder in any spelling: what
    lies there runs.
    """
    if not isinstance(path, str):
        raise ConfinedError(f"{path!r:.100} is no path of a file")
    if _ORDINARY.fullmatch(path):
        return tuple(path.split("/"))  # nothing of what follows is in it, and lists ask of many
    try:
        length = len(path.encode())
    except UnicodeEncodeError:
        raise ConfinedError(f"{path!r:.100}: has letters that are not UTF-8") from None
    if length > LONGEST_PATH:
        raise ConfinedError(f"{path!r:.60}…: is longer than {LONGEST_PATH} bytes")
    parts = tuple(path.split("/"))
    if any(letter < " " or letter in "\\\x7f" for letter in path):
        raise ConfinedError(
            f"{path!r:.200} holds a backslash or a control letter, and leads out of the folder somewhere"
        )
    if any(part in ("", ".", "..") for part in parts):
        raise ConfinedError(f"{path!r:.200} leads out of the folder")
    if long := next((part for part in parts if len(part.encode()) > LONGEST_NAME), None):
        raise ConfinedError(f"{long!r:.60}…: is a name of more than {LONGEST_NAME} bytes")
    if any(map(_is_git, parts)):
        raise ConfinedError(f"{path!r:.200} lies in git's own folder")
    if any(letter == ":" or unicodedata.category(letter) in _UNSEEN for letter in path):
        raise NameRefusedError(
            f"{path!r:.200} holds a colon or a letter that nobody sees, and is another name somewhere; rename it"
        )
    return parts


def below(folder: Path, path: object) -> Path:
    """The file or folder at `path` below `folder`. Raises ConfinedError for what `check` refuses and for a link on it.

    `folder` itself is the caller's choice, and may be reached by links.
    """
    place = folder
    parts = check(path)
    if len(os.fsencode(folder.joinpath(*parts))) > _LONGEST:
        raise ConfinedError(f"{folder}: is too deep for {path!r:.60}; name another folder")
    for part in parts:
        place /= part
        if place.is_symlink():
            raise ConfinedError(f"{place}: is a link, and could lead anywhere; remove it")
    return place


@contextlib.contextmanager
def holding(root: Path, path: str, *, make: bool = False) -> Iterator[Path]:
    """The folder at `path` below `root` by a name that stays this folder's, whatever others put in its place meanwhile.

    `make` makes what is missing. Raises ConfinedError, and FileNotFoundError without `make`.
    """
    parts = check(path)
    if make:
        root.mkdir(parents=True, exist_ok=True)
    handle = os.open(root, os.O_PATH | os.O_DIRECTORY)
    try:
        for place in range(len(parts)):
            inner = _inside(handle, parts[place], root.joinpath(*parts[: place + 1]), make=make)
            os.close(handle)
            handle = inner
        held = f"/proc/self/fd/{handle}"
        try:
            yield Path(held)
        except OSError as error:
            if not str(error.filename or "").startswith(held):
                raise
            rest = str(error.filename).removeprefix(held).strip("/")
            raise OSError(error.errno, error.strerror, str(root.joinpath(path, rest))) from error
    finally:
        os.close(handle)


def _inside(handle: int, name: str, place: Path, *, make: bool) -> int:
    if make:
        with contextlib.suppress(FileExistsError):
            os.mkdir(name, dir_fd=handle)
    try:
        return os.open(name, os.O_PATH | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=handle)
    except NotADirectoryError as error:
        if place.is_symlink():
            raise ConfinedError(f"{place}: is a link, and could lead anywhere; remove it") from error
        raise NotADirectoryError(error.errno, error.strerror, str(place)) from error
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(place)) from error


def _is_git(part: str) -> bool:
    """Whether some file system takes a name for git's own: without case, streams and letters that nobody sees."""
    seen = part if part.isascii() else "".join(each for each in part if unicodedata.category(each) not in _UNSEEN)
    return seen.partition(":")[0].casefold().rstrip(". ") in _GIT
