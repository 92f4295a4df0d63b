"""The files of an old project, as far as they may be taken: inside of its folder, plain, readable. Opens none twice.

What is left out gets a remark each; nothing vanishes without a word.
"""

import os
import re
import stat
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from workbench.projects.old import LEFT_OUT, TRANSLATED, Remark

_NOT_SOURCES = {
    "__pycache__": "is made anew by Python",
    "node_modules": "is an installation",
    "venv": "is an installation",
}
_OUTPUTS = {
    "outputs": "holds outputs of old runs",
    "azureml-logs": "holds logs of old runs",
    "aml_history": "holds old runs",
}
_LARGEST_TEXT = 4 * 1024**2
_COOKIE = re.compile(r"^([ \t\f]*#.*?coding[:=][ \t]*)([-\w.]+)", re.MULTILINE)
_UNFIT = re.compile(r"[\x00-\x1f\x7f\\:]")


@dataclass
class Tree:
    """Files by their path in the project, `/` between its parts, and what is said of those that are not taken."""

    folder: Path
    files: dict[str, Path] = field(default_factory=dict)
    remarks: list[Remark] = field(default_factory=list)

    def leave(self, name: str, what: str, why: str, todo: str = "") -> None:
        """Note what is not taken."""
        self.remarks.append(Remark(shown(name), 0, what, LEFT_OUT, why, todo))


def walk(folder: Path) -> Tree:
    """Everything below `folder` that a project may have. Follows no link out of it."""
    tree = Tree(folder)
    real = folder.resolve()
    for here, folders, names in os.walk(folder, onerror=lambda error: _unreadable(tree, error)):
        relative = Path(here).relative_to(folder)
        folders[:] = [
            name for name in sorted(folders) if _is_taken(tree, Path(here, name), (relative / name).as_posix())
        ]
        for name in sorted(names):
            _take(tree, Path(here, name), (relative / name).as_posix(), real)
    return tree


def text(path: Path) -> tuple[str | None, str]:
    """The text of a file and how it was written where that was not UTF-8; None for what is no text, or too long."""
    try:
        if path.stat().st_size > _LARGEST_TEXT:
            return None, ""
        data = path.read_bytes()
    except OSError:
        return None, ""
    if b"\x00" in data and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return None, ""
    for encoding in _encodings(data):
        try:
            found = data.decode(encoding)
        except (UnicodeDecodeError, LookupError):
            continue
        return found.removeprefix("\ufeff"), "" if encoding in ("utf-8", "utf-8-sig") else encoding
    return None, ""


def as_utf8(source: str) -> str:
    """A script whose first lines name no encoding but UTF-8."""
    head = "".join(source.splitlines(keepends=True)[:2])
    return _COOKIE.sub(r"\1utf-8", head) + source[len(head) :]


def recoded(name: str, encoding: str) -> list[Remark]:
    """The remark on a file that was written in another encoding."""
    return [Remark(name, 1, "the file", TRANSLATED, f"was {encoding}, is UTF-8 now")] if encoding else []


def shown(name: str) -> str:
    """A name for people: on one line, of letters that can be printed."""
    return name.encode("utf-8", "backslashreplace").decode().translate(dict.fromkeys(range(32), "?"))


def _encodings(data: bytes) -> Iterator[str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        yield "utf-16"
        return
    yield "utf-8-sig"
    try:
        lines = iter(data.splitlines(keepends=True)[:2])
        yield tokenize.detect_encoding(lambda: next(lines, b""))[0]
    except (SyntaxError, LookupError):
        pass
    yield "cp1252"


def _is_taken(tree: Tree, path: Path, name: str) -> bool:
    why = _OUTPUTS.get(name) or _NOT_SOURCES.get(path.name)
    if path.is_symlink():
        why = "is a link to a folder"
    elif path.name.startswith("."):
        why = "is hidden, and may hold what is nobody's business"
    elif (path / "pyvenv.cfg").is_file():
        why = "is an installation"
    elif _unfit(name):
        why = "has a name that other systems can't have"
    if why:
        tree.leave(f"{name}/", "the folder", why)
    return not why


def _take(tree: Tree, path: Path, name: str, real: Path) -> None:
    todo = "copy it if needed"
    try:
        inside = path.resolve().is_relative_to(real)
        kind = path.stat().st_mode if inside else 0
    except (OSError, RuntimeError):
        tree.leave(name, "the file", "is a link that leads nowhere" if path.is_symlink() else "cannot be read")
        return
    if path.name.startswith("."):
        tree.leave(name, "the file", "is hidden, and may hold what is nobody's business", todo)
    elif not inside or (
        path.is_symlink() and path.resolve().relative_to(real).as_posix().startswith((".", "outputs/"))
    ):
        tree.leave(name, "the file", "is a link out of the project", todo)
    elif not stat.S_ISREG(kind):
        tree.leave(name, "the file", "is no plain file")
    elif _unfit(name):
        tree.leave(name, "the file", "has a name that other systems can't have", "rename it, and copy it")
    elif not os.access(path, os.R_OK):
        tree.leave(name, "the file", "cannot be read: you may not", todo)
    else:
        tree.files[name] = path


def _unfit(name: str) -> bool:
    try:
        name.encode("utf-8")
    except UnicodeEncodeError:
        return True
    return bool(_UNFIT.search(name))


def _unreadable(tree: Tree, error: OSError) -> None:
    name = Path(error.filename or "?").relative_to(tree.folder).as_posix()
    tree.leave(f"{name}/", "the folder", f"cannot be read ({error.strerror})")
