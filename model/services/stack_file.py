"""A stack's file as YAML: read, checked, and written so that every other byte keeps its meaning. Knows no services."""

import io
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap
from ruamel.yaml.error import YAMLError

from model import home, placing
from model.errors import StackFileError

_MAPPING = re.compile(r"^\S[^#\n]*:[ ]*(?:#.*)?\n(?:[ ]*(?:#.*)?\n)*([ ]+)[^ #\n-]", re.MULTILINE)
_LIST = re.compile(r"^([ ]*)[^ #\n-][^#\n]*:[ ]*(?:#.*)?\n([ ]*)-[ ]", re.MULTILINE)


def key(path: Path, name: str) -> str:
    """The key of `name` in the stack's file `path`: Pulumi's namespace for it is the project's name."""
    folder = path.parent if (path.parent / "Pulumi.yaml").is_file() else None
    return f"{home.project_name(folder)}:{name}"


def config(path: Path) -> Mapping[str, Any]:
    """The stack's configuration; empty without a file. Raises StackFileError."""
    return _config(_parse(_read(path), path), path)


def section(found: Mapping[str, Any], key: str, path: Path, form: str) -> CommentedMap:
    """One mapping of the configuration, empty where there is none. Raises StackFileError; `form` says what it holds."""
    value = found.get(key)
    if value is None:
        return CommentedMap()
    if not isinstance(value, CommentedMap):
        raise StackFileError(f"{path}: {key!r} holds {value!r:.60}, needed is {form}")
    return value


@contextmanager
def editing(path: Path) -> Iterator[CommentedMap]:
    """The configuration, to be changed in the block and written at its end. Raises StackFileError."""
    text = _read(path)
    document = _parse(text, path)
    found = _config(document, path)
    yield found
    document["config"] = found
    placing.write_file(path, _dump(document, text).encode())
    if (path.parent / "Pulumi.yaml").is_file():  # a dry run edits a copy elsewhere
        home.remember(path.parent)


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8") if path.exists() else ""
    except (OSError, UnicodeDecodeError) as error:
        raise StackFileError(f"{path}: cannot be read ({error}); mend or remove it") from error


def _parse(text: str, path: Path) -> CommentedMap:
    try:
        document = _yaml().load(text)
    except YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1} " if mark else ""
        reason = getattr(error, "problem", None) or "it cannot be parsed"
        raise StackFileError(f"{path}: {line}is not YAML ({reason}); mend it") from error
    if document is None:
        return CommentedMap()
    if not isinstance(document, CommentedMap):
        raise StackFileError(f"{path}: holds {type(document).__name__}, a stack's file holds keys such as 'config:'")
    return document


def _config(document: CommentedMap, path: Path) -> CommentedMap:
    found = document.get("config")
    if found is None:
        return CommentedMap()
    if not isinstance(found, CommentedMap):
        raise StackFileError(f"{path}: 'config' holds {found!r:.60}, needed are keys such as {key(path, 'services')!r}")
    return found


def _dump(document: CommentedMap, before: str) -> str:
    yaml = _yaml()
    yaml.indent(**_indents(before))
    buffer = io.StringIO()
    yaml.dump(document, buffer)
    # A file of remarks alone is no document to ruamel.yaml, so they would be lost.
    remarks = before if _yaml().load(before) is None else ""
    return remarks + buffer.getvalue()


def _indents(text: str) -> dict[str, int]:
    """How far the file indents its mappings and lists, as ruamel.yaml takes it; 2 and 0 where it shows none."""
    mapping = _MAPPING.search(text)
    listed = _LIST.search(text)
    offset = len(listed.group(2)) - len(listed.group(1)) if listed else 0
    return {"mapping": len(mapping.group(1)) if mapping else 2, "sequence": offset + 2, "offset": offset}


def _yaml() -> YAML:
    yaml = YAML(typ="rt")
    yaml.preserve_quotes = True
    yaml.width = 4096
    return yaml
