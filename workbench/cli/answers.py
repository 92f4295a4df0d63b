"""What a service answered, for people: whatever shape it has. Programs get it as it is."""

import json
from typing import Any

from workbench.cli.printing import Output, print_data, print_one, print_rows

_LARGE = 1e6


def print_answer(value: Any, output: Output) -> None:  # noqa: ANN401 - any JSON value
    """Row objects as a table, an object by its keys, a list as a line each, a text as it is, other values as JSON."""
    if output is not Output.table:
        print_data(value, output)
    elif isinstance(value, list) and value and all(isinstance(row, dict) and row for row in value):
        names = dict.fromkeys(name for row in value for name in row)
        rows = [{name: _cell(row[name]) if name in row else None for name in names} for row in value]
        print_rows(rows, output, empty="")
    elif isinstance(value, list) and value:
        print("\n".join(map(_line, value)))
    elif isinstance(value, dict) and value:
        print_one({name: _cell(each) for name, each in value.items()}, output)
    else:
        print(_line(value))


def _cell(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """A cell of a table; what is nested stays JSON, and a large number keeps its digits."""
    exact = isinstance(value, dict | list) or (isinstance(value, float) and abs(value) >= _LARGE)
    return json.dumps(value, ensure_ascii=False) if exact else value


def _line(value: Any) -> str:  # noqa: ANN401 - any JSON value
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
