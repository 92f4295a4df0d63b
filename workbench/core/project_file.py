"""A project's file and those of its stacks, found and read as `pulumi` finds and reads them. Edits nothing."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.core import stack_keys
from workbench.core.errors import StackFileError

# In the order in which pulumi looks for them in one folder; stacks' files end as their project's file does.
ENDINGS = (".json", ".yaml", ".yml")
BOM = "\ufeff"
_STEM = "Pulumi"
_NAME = re.compile(r"[A-Za-z0-9_.-]{1,100}")


@dataclass(frozen=True)
class ProjectFile:
    """`config` is the section of that name; `stacks_folder` is where the stacks' files lie."""

    path: Path
    name: str
    stacks_folder: Path
    config: Mapping[str, Any]

    def stack_file(self, stack: str) -> Path:
        """The file of a stack, whether or not it is there."""
        return self.stacks_folder / f"{_STEM}.{stack}{self.path.suffix}"

    def stack_files(self) -> dict[str, Path]:
        """The files that are there, by the stacks' names."""
        ending = self.path.suffix
        found = sorted(self.stacks_folder.glob(f"{_STEM}.*{ending}"))
        return {path.name.removeprefix(f"{_STEM}.").removesuffix(ending): path for path in found}


def inside(folder: Path) -> Path | None:
    """The project's file in this folder, None where there is none."""
    return next((path for ending in ENDINGS if (path := folder / f"{_STEM}{ending}").is_file()), None)


def above(folder: Path) -> Path | None:
    """The nearest project's file, from this folder up."""
    return next((found for each in (folder, *folder.parents) if (found := inside(each))), None)


def read(path: Path) -> ProjectFile:
    """What a project's file says. Raises StackFileError for what pulumi could not use either."""
    document = load(path)
    if problem := stack_keys.unknown_of_project_file(document):
        raise StackFileError(f"{path}: {problem}")
    config, name = document.get("config"), document.get("name")
    folder = document.get("stackConfigDir") or (config if isinstance(config, str) else "")  # pulumi's older way
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise StackFileError(f"{path}: name is {name!r:.60}; a project is named by letters, digits, '-', '_' and '.'")
    if not isinstance(folder, str):
        raise StackFileError(f"{path}: stackConfigDir is {folder!r:.60}; it is a folder beside this file")
    if not isinstance(config, Mapping | str | None):
        raise StackFileError(f"{path}: config is {config!r:.60}; it maps keys to their types or values")
    return ProjectFile(path, name, path.parent / folder.lstrip("/"), config if isinstance(config, Mapping) else {})


def of_stack_file(path: Path) -> ProjectFile | None:
    """The project that a stack's file belongs to, by the folder that it lies in; None of a copy elsewhere."""
    found = above(path.parent)
    project = read(found) if found else None
    return project if project and project.stacks_folder.resolve() == path.parent.resolve() else None


def load(path: Path) -> Mapping[str, Any]:
    """The keys of a file of pulumi's, empty where it says nothing. Raises StackFileError."""
    import yaml  # most verbs need no more than a path

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(text(path), loader)  # noqa: S506 - a safe one, in C where there is one
    except (yaml.YAMLError, ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise not_yaml(path, error) from error
    if not isinstance(document, Mapping | None):
        raise StackFileError(f"{path}: holds {type(document).__name__}, needed are keys such as 'config:'")
    return document or {}


def not_yaml(path: Path, error: Exception, problem: str = "it cannot be parsed") -> StackFileError:
    """What a reader of YAML says of a file, in one line; `problem` where it does not say it itself.

    Of a key that stands twice ruamel.yaml tells both values, which may be secrets: they are cut off.
    """
    mark = getattr(error, "problem_mark", None)
    line = f"line {mark.line + 1} " if mark else ""
    reason = " ".join(str(getattr(error, "problem", None) or problem).split()).partition(" with value")[0]
    return StackFileError(f"{path}: {line}is not YAML ({reason}); mend it")


def text(path: Path) -> str:
    """A file's text without the mark of its byte order. Raises StackFileError."""
    try:
        found = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path}: cannot be read ({error}); mend or remove it") from error
    if found.startswith(BOM):
        raise marked_twice(path)
    return found


def marked_twice(path: Path) -> StackFileError:
    """What is said of a second mark, which is a letter of the first key to some readers and nothing to others."""
    return StackFileError(f"{path}: begins with the mark of its byte order (U+FEFF) twice; remove one")
