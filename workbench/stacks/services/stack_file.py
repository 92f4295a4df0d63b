"""A stack's file: its configuration read, checked, and edited in one place. Knows no services."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml.comments import CommentedMap

from workbench.core import atomic_files, home, project_file, stack_keys
from workbench.core.errors import StackFileError
from workbench.core.project_file import ProjectFile
from workbench.stacks.services import yaml_document

_CONFIG = "config"


def key(path: Path, name: str) -> str:
    """The key of `name` in the stack's file `path`: Pulumi's namespace for it is the project's name."""
    project = _project(path)
    return f"{project.name if project else home.project_name()}:{name}"


def spelt(found: Mapping[str, Any], path: Path, name: str) -> str:
    """The key of `name` as the configuration has it: with the namespace, or without, which is the project's then."""
    return name if name in found else key(path, name)


def config(path: Path) -> Mapping[str, Any]:
    """The stack's configuration; empty without a file. Raises StackFileError, also for a key that nobody reads."""
    return _checked(yaml_document.parse(_read(path), path), path)


def value(path: Path, name: str, default: Any = None) -> Any:  # noqa: ANN401 - any YAML value
    """What the stack's file says under one key of the project. Raises StackFileError."""
    found = config(path)
    return found.get(spelt(found, path, name), default)


def section(found: Mapping[str, Any], key: str, path: Path, form: str) -> CommentedMap:
    """One mapping of the configuration, empty where there is none. Raises StackFileError; `form` says what it holds."""
    value = found.get(key)
    if value is None:
        return CommentedMap()
    if not isinstance(value, CommentedMap):
        raise StackFileError(f"{path}: {key!r} holds {value!r:.60}, needed is {form}")
    return value


@contextmanager
def editing(path: Path, section: str, name: str = "") -> Iterator[CommentedMap]:
    """The configuration, for the block to change one section or one name in it alone; written at the block's end.

    Raises StackFileError where that cannot be changed alone.
    """
    text = _read(path)
    document = yaml_document.parse(text, path)
    yaml_document.own(document, document, _CONFIG)
    found = _checked(document, path)
    key = spelt(found, path, section)
    yaml_document.own(document, found, key)
    if name and isinstance(held := found.get(key), CommentedMap):
        yaml_document.own(document, held, name)
    yield found
    document[_CONFIG] = found
    place = (_CONFIG, key, name) if name else (_CONFIG, key)
    atomic_files.write_file(path, yaml_document.dump(document, text, path, place).encode())
    if project := _project(path):  # a dry run edits a copy elsewhere
        home.remember(project.path.parent)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path}: cannot be read ({error}); mend or remove it") from error


def _checked(document: CommentedMap, path: Path) -> CommentedMap:
    """The configuration. Raises StackFileError unless pulumi and the program read all that the file says."""
    if problem := stack_keys.unknown_of_stack_file(document):
        raise StackFileError(f"{path}: {problem}")
    found = CommentedMap() if document.get(_CONFIG) is None else document[_CONFIG]
    if not isinstance(found, CommentedMap):
        raise StackFileError(
            f"{path}: {_CONFIG!r} holds {found!r:.60}, needed are keys such as {key(path, 'services')!r}"
        )
    project = _project(path) or home.read_project()
    name = project.name if project else home.project_name()
    declared = project.config if project else {}
    for file, keys in ((path, found), (project.path if project else path, declared)):
        if problem := stack_keys.unknown(keys, name, stack_keys.declared(declared, name)):
            raise StackFileError(f"{file}: {problem}")
    if problem := stack_keys.wrong_port(found, name):
        raise StackFileError(f"{path}: {problem}")
    return found


def _project(path: Path) -> ProjectFile | None:
    return project_file.of_stack_file(path)
