"""A file of YAML or JSON that is edited in one place: all else keeps its meaning, its comments and its form."""

import io
import json
import re
import warnings
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.error import ReusedAnchorWarning, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from workbench.core.errors import StackFileError
from workbench.core.project_file import BOM, marked_twice, not_yaml

_MAPPING = re.compile(r"^\S[^#\n]*:[ ]*(?:#.*)?\n(?:[ ]*(?:#.*)?\n)*([ ]+)[^ #\n-]", re.MULTILINE)
_LIST = re.compile(r"^([ ]*)[^ #\n-][^#\n]*:[ ]*(?:#.*)?\n([ ]*)-[ ]", re.MULTILINE)
_NULL = "tag:yaml.org,2002:null"
# What ruamel.yaml raises of texts that are hardly YAML, besides its own errors.
_FAULTS = (
    YAMLError,
    ValueError,
    TypeError,
    LookupError,
    AttributeError,
    AssertionError,
    NotImplementedError,
    RecursionError,
    ReusedAnchorWarning,
)


def parse(text: str, path: Path) -> CommentedMap:
    """The document. Raises StackFileError for what is none, or holds no keys."""
    text = text.removeprefix(BOM)
    if text.startswith(BOM):
        raise marked_twice(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", ReusedAnchorWarning)  # readers take one or the other
            document = _json(text) if path.suffix == ".json" and text.strip() else _yaml().load(text)
    except _FAULTS as error:
        if isinstance(error, ReusedAnchorWarning):
            raise not_yaml(path, error, "an anchor is defined twice") from error
        raise not_yaml(path, error) from error
    if document is None:
        return CommentedMap()
    if not isinstance(document, CommentedMap):
        raise StackFileError(f"{path}: holds {type(document).__name__}, a stack's file holds keys such as 'config:'")
    return document


def own(root: CommentedMap, parent: CommentedMap, key: str) -> None:
    """Have no other place share what `parent` holds under `key`, by an anchor or a merge, so that it may be edited."""
    value = parent.get(key)
    if isinstance(value, CommentedMap) and _uses(root)[id(value)] > 1:
        parent[key] = _copy(value)


def unmerged(value: CommentedMap) -> CommentedMap:
    """The same mapping with all that is merged into it as its own."""
    if not value.merge:
        return value
    made: CommentedMap = _copy(value)
    made.ca.items.update({key: remarks for key, remarks in value.ca.items.items() if key in made})
    return made


def dump(document: CommentedMap, before: str, path: Path, place: Sequence[str]) -> str:
    """The text of `document`, which was `before` but in one place. Raises StackFileError if more than that changed."""
    if path.suffix == ".json":
        return json.dumps(document, indent=4, ensure_ascii=False) + "\n"
    mark, plain = (BOM, before[1:]) if before.startswith(BOM) else ("", before)
    try:
        after = _dump(document, plain)
        same = _outside(plain, place) == _outside(after, place)
        told = _at(parse(after, path), place) == _at(document, place)
    except _FAULTS:
        same = told = False
    if not (same and told):
        raise StackFileError(f"{path}: {'.'.join(place)} cannot be edited without changing more; edit it by hand")
    return mark + after


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


def _json(text: str) -> Any:  # noqa: ANN401 - any JSON value
    def once_each(pairs: list[tuple[str, Any]]) -> CommentedMap:
        found = CommentedMap(pairs)
        if len(found) != len(pairs):
            raise ValueError("a key stands twice")
        return found

    return json.loads(text, object_pairs_hook=once_each)


def _uses(root: CommentedMap) -> Counter[int]:
    """How often each mapping and list of a document is named, by its identity."""
    found: Counter[int] = Counter()
    waiting: list[Any] = [root]
    while waiting:
        for part in _parts(waiting.pop()):
            if isinstance(part, CommentedMap | CommentedSeq):
                found[id(part)] += 1
                if found[id(part)] == 1:
                    waiting.append(part)
    return found


def _parts(value: CommentedMap | CommentedSeq) -> Iterator[Any]:
    if isinstance(value, CommentedSeq):
        yield from value
        return
    yield from value.values()  # those that are merged into it too
    yield from value.merge


def _copy(value: Any) -> Any:  # noqa: ANN401 - any YAML value
    """What no anchor names, without merges."""
    if isinstance(value, CommentedMap):
        made = CommentedMap((key, _copy(each)) for key, each in value.items())
        if value.fa.flow_style():
            made.fa.set_flow_style()
        return made
    return CommentedSeq(map(_copy, value)) if isinstance(value, CommentedSeq) else value


def _at(document: Any, place: Sequence[str]) -> Any:  # noqa: ANN401 - any YAML value
    for key in place:
        document = document.get(key) if isinstance(document, Mapping) else None
    return dict(document) if isinstance(document, Mapping) else document


def _outside(text: str, place: Sequence[str]) -> Any:  # noqa: ANN401 - nested tuples
    """All that a text says but in one place, in a form that can be compared."""
    node = _yaml().compose(text)
    return _facts(node, place, frozenset()) if node is not None else _facts(MappingNode("", []), place, frozenset())


def _facts(node: Any, place: Sequence[str] | None, above: frozenset[int]) -> Any:  # noqa: ANN401 - ruamel's nodes
    """`place` is the rest of the way to what is left out, None beside that way."""
    if id(node) in above:
        return "itself"
    inside = above | {id(node)}
    if isinstance(node, ScalarNode):
        return (node.tag, None if node.tag == _NULL else node.value)
    if isinstance(node, SequenceNode):
        return (node.tag, tuple(_facts(each, None, inside) for each in node.value))
    found = {}
    for key, value in node.value:
        rest = place[1:] if place and isinstance(key, ScalarNode) and key.value == place[0] else None
        if rest is None or rest:
            found[_facts(key, None, inside)] = _facts(value, rest, inside)
    if place:
        # What is on the way there may be made by the edit, or end with it.
        return {key: each for key, each in found.items() if each not in ({}, (_NULL, None))}
    return (node.tag, frozenset(found.items())) if place is None else found
