"""How answers are printed: a table for people, JSON or YAML for programs; progress and errors on stderr.

Whatever a record holds: a terminal gets no control characters, a program gets valid JSON, and a stream gets letters
that its encoding has.
"""

import codecs
import io
import json
import math
import sys
from collections.abc import Mapping, Sequence
from enum import StrEnum
from typing import Annotated, Any

import typer


class Output(StrEnum):
    """The forms of an answer."""

    table = "table"
    json = "json"
    yaml = "yaml"


OutputOption = Annotated[Output, typer.Option("-o", "--output", help="How to print the answer.")]


_LIKE = {"…": "...", "\u2013": "-", "\u00b7": "."}


def open_streams() -> None:
    """Have both streams take every text: letters that their encoding lacks are written as Python escapes them."""
    codecs.register_error("workbench", _escaped)
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="workbench")


def say(line: str) -> None:
    """One line of progress."""
    print(plain(line), file=sys.stderr, flush=True)


def plain(text: str) -> str:
    """A text without letters that a terminal acts upon; those are shown as Python escapes them."""
    return text if text.isprintable() else "".join(each if each.isprintable() else ascii(each)[1:-1] for each in text)


def print_rows(rows: Sequence[Mapping[str, Any]], output: Output, *, empty: str) -> None:
    """A list. In a table the keys of the first row are the head; `empty` says what to do next when there is none."""
    if output is not Output.table:
        print_data(list(rows), output)
    elif not rows:
        print(empty)
    else:
        head = list(rows[0])
        cells = [list(map(plain, head)), *([_text(row.get(key)) for key in head] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        form = "  ".join(f"{{:{width}}}" for width in widths)
        print("\n".join(form.format(*line).rstrip() for line in cells))


def print_one(value: Mapping[str, Any], output: Output) -> None:
    """One thing. As a table: a line for each key, nested keys joined by dots."""
    if output is not Output.table:
        print_data(dict(value), output)
        return
    flat = list(_flat(value, ""))
    width = max(len(key) for key, _ in flat)
    for key, text in flat:
        print(f"{key.ljust(width)}  {text}".rstrip())


def _flat(value: object, path: str) -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        names = {key: plain(str(key)) for key in value}
        return [pair for key, name in names.items() for pair in _flat(value[key], f"{path}.{name}" if path else name)]
    if isinstance(value, list) and value and isinstance(value[0], Mapping):
        return [pair for index, each in enumerate(value) for pair in _flat(each, f"{path}.{index}")]
    return [(path, _text(value))]


def _text(value: object) -> str:
    if value is None or value in ({}, []):
        return "-"
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(map(_text, value)) if isinstance(value, list) else plain(" ".join(str(value).split()))


def print_data(value: object, output: Output) -> None:
    """Anything, as JSON or YAML."""
    if output is Output.json:
        value = _finite(value)
        text = json.dumps(value, indent=2, ensure_ascii=False, allow_nan=False)
        print(text if _fits(text) else json.dumps(value, indent=2, allow_nan=False))
        return
    import yaml  # the other forms do not need it

    # The one in C writes the same, many times faster; not every build has it, and it takes no half of a letter.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    try:
        text = yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True)
    except UnicodeEncodeError:
        text = ""
    if not (text and _fits(text)):
        text = yaml.dump(value, Dumper=yaml.SafeDumper, sort_keys=False, allow_unicode=False)
    print(text, end="")


def _finite(value: object) -> object:
    """The same with texts for numbers that JSON has not."""
    if isinstance(value, float) and not math.isfinite(value):
        return str(value)
    if isinstance(value, Mapping):
        return {key: _finite(each) for key, each in value.items()}
    return [_finite(each) for each in value] if isinstance(value, list | tuple) else value


def _fits(text: str) -> bool:
    """Whether stdout has all of these letters; what is escaped later would be no JSON and no YAML any more."""
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _escaped(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    letters = error.object[error.start : error.end]
    return "".join(_LIKE.get(letter) or ascii(letter)[1:-1] for letter in letters), error.end
