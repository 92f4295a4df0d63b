"""How answers are printed: a table for people, JSON or YAML for programs; progress and errors on stderr."""

import json
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


def say(line: str) -> None:
    """One line of progress."""
    print(line, file=sys.stderr, flush=True)


def print_rows(rows: Sequence[Mapping[str, Any]], output: Output, *, empty: str) -> None:
    """A list. In a table the keys of the first row are the head; `empty` says what to do next when there is none."""
    if output is not Output.table:
        _print_data(list(rows), output)
    elif not rows:
        print(empty)
    else:
        head = list(rows[0])
        cells = [head, *([_text(row.get(key)) for key in head] for row in rows)]
        widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
        form = "  ".join(f"{{:{width}}}" for width in widths)
        print("\n".join(form.format(*line).rstrip() for line in cells))


def print_one(value: Mapping[str, Any], output: Output) -> None:
    """One thing. As a table: a line for each key, nested keys joined by dots."""
    if output is not Output.table:
        _print_data(dict(value), output)
        return
    flat = list(_flat(value, ""))
    width = max(len(key) for key, _ in flat)
    for key, text in flat:
        print(f"{key.ljust(width)}  {text}".rstrip())


def _flat(value: object, path: str) -> list[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        return [pair for key, each in value.items() for pair in _flat(each, f"{path}.{key}" if path else str(key))]
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
    return ", ".join(map(_text, value)) if isinstance(value, list) else " ".join(str(value).split())


def _print_data(value: object, output: Output) -> None:
    if output is Output.json:
        print(json.dumps(value, indent=2, ensure_ascii=False))
        return
    import yaml  # the other forms do not need it

    # The one in C writes the same, many times faster; not every build has it.
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    print(yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True), end="")
