"""The project as a run gets it: which files go along, and their digest. Copies nothing.

A run works on a copy, so that it sees no later change, and two runs don't write over each other's files.
"""

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from workbench.core.canonical import canonical_json, digest, sha256_file
from workbench.core.errors import RunError

IGNORE = ".amlignore"
_LARGEST = 2 * 1024**3
_SKIPPED = frozenset({"__pycache__", "node_modules"})


@dataclass(frozen=True)
class Snapshot:
    """Files by their path relative to the project, `/` between its parts."""

    files: dict[str, Path]

    def digest(self) -> str:
        """Of all names and contents. Raises OSError."""
        # Names may have bytes that are no letters, which JSON can't hold.
        names = {name: name.encode(errors="surrogateescape").decode(errors="backslashreplace") for name in self.files}
        return digest(canonical_json({names[name]: sha256_file(path) for name, path in self.files.items()}))


def take(project: Path, needed: Iterable[Path] = ()) -> Snapshot:
    """The project's files, without hidden ones, virtual environments, `outputs/` and what .amlignore names.

    `needed` files go along whatever is ignored, where they lie in the project. Links are followed. Raises RunError
    when it is more than 2 GB.
    """
    patterns = _patterns(project / IGNORE)
    files = dict(sorted(_walk(project, patterns)))
    for path in needed:
        if path.is_relative_to(project):
            files[path.relative_to(project).as_posix()] = path
    sizes = {name: path.stat().st_size for name, path in files.items()}
    if sum(sizes.values()) > _LARGEST:
        largest = max(sizes, key=lambda name: sizes[name])
        raise RunError(
            f"{project}: holds more than 2 GB to send along, most of it {largest}; name what runs don't need in "
            f"{IGNORE}, one pattern a line"
        )
    return Snapshot(files)


def closed(project: Path) -> Callable[[str], bool]:
    """Whether a path of the project is none for a run to write: hidden, or there and ignored, in any case of letters.

    What lies below outputs/ is the runs' own.
    """
    patterns = _patterns(project / IGNORE)
    folded = [pattern.casefold() for pattern in patterns]

    def is_closed(name: str) -> bool:
        path = Path(name)
        if path.parts[0] == "outputs" and len(path.parts) > 1:
            return False
        for part in (*list(reversed(path.parents))[1:], path):
            hidden = part.name.startswith(".")
            goes = _goes(part, patterns) and _goes(Path(part.as_posix().casefold()), folded)
            here = project / part
            if hidden or ((not goes or _is_installed(here)) and here.exists()):
                return True
        return False

    return is_closed


def _walk(project: Path, patterns: list[str]) -> Iterator[tuple[str, Path]]:
    seen: set[str] = set()
    for folder, folders, names in os.walk(project, followlinks=True):
        here = Path(folder)
        relative = here.relative_to(project)
        if (real := os.path.realpath(here)) in seen:  # a link to a folder above
            folders.clear()
            continue
        seen.add(real)
        folders[:] = [name for name in folders if _goes(relative / name, patterns) and not _is_installed(here / name)]
        for name in names:
            if _goes(relative / name, patterns) and (here / name).is_file():
                yield (relative / name).as_posix(), here / name


def _goes(path: Path, patterns: list[str]) -> bool:
    name = path.name
    if name.startswith(".") or name in _SKIPPED or path == Path("outputs"):
        return False
    return not any(fnmatchcase(name, pattern) or fnmatchcase(path.as_posix(), pattern) for pattern in patterns)


def _is_installed(folder: Path) -> bool:
    """Whether a folder holds an installation, not the project's own files."""
    return (folder / "pyvenv.cfg").is_file() or folder.suffix == ".egg-info"


def _patterns(path: Path) -> list[str]:
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError:
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise RunError(f"{path}: cannot be read ({error}); write one pattern a line") from error
    return [line.strip().strip("/") for line in lines if line.strip() and not line.startswith("#")]
