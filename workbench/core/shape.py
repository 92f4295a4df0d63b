"""What a record from a store must look like before anybody uses it: names of fields, and a kind of value for each."""

import math
import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from workbench.core import confined
from workbench.core.canonical import is_digest, is_hex

_LARGEST = 2**63
_FIRST_YEAR = 1970


@dataclass(frozen=True)
class Kind:
    """A kind of value: what people call it, and whether a value is one."""

    words: str
    holds: Callable[[Any], bool]


def fault(record: Mapping[str, Any], shape: Mapping[str, Kind], needed: Collection[str] = ()) -> str:
    """The first thing that is wrong with a record, as half a sentence; "" of one that is as its shape says.

    Fields that the shape does not name are not looked at; those of `needed` must be there.
    """
    if missing := next((name for name in needed if name not in record), ""):
        return f"{missing} is missing"
    for name, kind in shape.items():
        if name in record and not kind.holds(record[name]):
            return f"{name} is {record[name]!r:.60}, not {kind.words}"
    return ""


def exactly(wanted: str | int) -> Kind:
    """What the place of a record says already."""
    return Kind(f"{wanted!r}, under which it lies", lambda value: type(value) is type(wanted) and value == wanted)


def named(form: re.Pattern[str]) -> Kind:
    """A text that is a name of this form."""
    return Kind(f"a name such as {form.pattern}", lambda value: isinstance(value, str) and bool(form.fullmatch(value)))


def object_of(fields: Mapping[str, Kind]) -> Kind:
    """An object with all of these fields."""
    return Kind(
        f"an object with {', '.join(fields)}",
        lambda value: isinstance(value, dict) and not fault(value, fields, fields),
    )


def open_object(fields: Mapping[str, Kind]) -> Kind:
    """An object whose fields of these names, where it has them, are of their kinds."""
    words = ", ".join(f"{name} {kind.words}" for name, kind in fields.items())
    return Kind(f"an object ({words})", lambda value: isinstance(value, dict) and not fault(value, fields))


def maybe(kind: Kind) -> Kind:
    """Such a value or null."""
    return Kind(f"{kind.words} or null", lambda value: value is None or kind.holds(value))


def objects_of(fields: Mapping[str, Kind]) -> Kind:
    """A list of objects with all of these fields."""
    each = object_of(fields)
    return Kind(f"a list of {each.words}", lambda value: isinstance(value, list) and all(map(each.holds, value)))


def _is_moment(value: Any) -> bool:  # noqa: ANN401 - any JSON value, here and below
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).year >= _FIRST_YEAR
    except ValueError:
        return False


def _is_number(value: Any) -> bool:  # noqa: ANN401
    return math.isfinite(value) if isinstance(value, float) else _is_whole(value)


def _is_whole(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST


def _is_path(value: Any) -> bool:  # noqa: ANN401
    try:
        confined.check(value)
    except confined.NameRefusedError:
        return True  # earlier versions recorded such names; they can be listed, and who opens one asks `below`
    except confined.ConfinedError:
        return False
    return True


def _is_entry(value: Any) -> bool:  # noqa: ANN401
    if not isinstance(value, dict) or value.keys() != {"path", "sha256", "size"}:
        return False
    sha256 = value["sha256"]
    return _is_path(value["path"]) and isinstance(sha256, str) and is_hex(sha256) and _is_whole(value["size"])


def _are_files(value: Any) -> bool:  # noqa: ANN401
    return (
        isinstance(value, list) and all(map(_is_entry, value)) and len({entry["path"] for entry in value}) == len(value)
    )


def _are_texts(value: Any) -> bool:  # noqa: ANN401
    return isinstance(value, dict) and all(isinstance(each, str) for each in value.values())


TEXT = Kind("a text", lambda value: isinstance(value, str))
WHOLE = Kind("a whole number from 0", _is_whole)
NUMBER = Kind("a number from 0", _is_number)
OBJECT = Kind("an object", lambda value: isinstance(value, dict))
LIST = Kind("a list", lambda value: isinstance(value, list))
TEXTS = Kind("an object of texts", _are_texts)
HEX = Kind("64 hex digits", lambda value: isinstance(value, str) and is_hex(value))
DIGEST = Kind("sha256: and 64 hex digits", lambda value: isinstance(value, str) and is_digest(value))
MOMENT = Kind("a time such as 2026-01-31T12:00:00+00:00", _is_moment)
MOMENT_OR_NONE = Kind(f"{MOMENT.words}, or empty", lambda value: value == "" or _is_moment(value))
PATH = Kind("a path that stays in its folder", _is_path)
FILES = Kind("a list of files: a path that stays in its folder, once each, with sha256 and size", _are_files)
