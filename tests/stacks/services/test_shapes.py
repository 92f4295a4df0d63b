"""Every shape that the scoring server takes and answers, called through `workbench service run` and told by `usage`.

The server is the real one, as a process of its own on the loopback; the schema is what the generator makes of samples.
"""

import json
import shlex
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest

from tests.fixtures import Call
from workbench.cli.answers import print_answer
from workbench.cli.printing import Output
from workbench.registry.schemas import generating
from workbench.registry.schemas.generating import DataTypes, SampleDefinition

pytestmark = pytest.mark.slow

ROWS = [{"price": 0.5, "count": 2}, {"price": 4.0, "count": 3}]
FRAME = pd.DataFrame(ROWS)
SEVERAL = {
    "frame": SampleDefinition(DataTypes.PANDAS, FRAME),
    "weights": SampleDefinition(DataTypes.NUMPY, np.array([1.0, 10.0])),
    "threshold": 3.5,
    "strict": True,
    "note": "hello",
}
Toy = Callable[..., None]


class Case(NamedTuple):
    """A script, its samples (None: no schema), what is given with -d, and what comes back."""

    script: str
    samples: dict[str, Any] | None
    data: str
    answer: Any


def _echo(value: Any) -> dict[str, Any]:
    return {"value": value}


CASES = {
    "a text without a schema": Case("raw", None, "hello there", {"length": 11, "first": "hello"}),
    "JSON without a schema": Case("raw", None, '{"a":  1}', {"length": 9, "first": '{"a":'}),
    "rows, and a list of numbers": Case("rows", {"rows": ROWS}, '[{"price": 4, "count": 3}]', [12.0]),
    "one row": Case("rows", {"rows": ROWS}, '{"price": 0.5, "count": 1}', [0.5]),
    "a whole request": Case("rows", {"rows": ROWS}, '{"rows": []}', []),
    "a frame, and a table": Case(
        "frame", {"frame": FRAME}, '[{"price": 4, "count": 3}]', [{"price": 4.0, "count": 3, "total": 12.0}]
    ),
    "a frame of Spark": Case(
        "frame", {"frame": SampleDefinition(DataTypes.SPARK, ROWS)}, json.dumps(ROWS[:1]), [{**ROWS[0], "total": 1.0}]
    ),
    "an array, and nested lists": Case("nested", {"matrix": np.ones((2, 2))}, "[[1, 2], [3, 4.5]]", [[2, 4], [6, 9]]),
    "several arguments": Case(
        "several",
        SEVERAL,
        json.dumps({"frame": ROWS, "weights": [1, 10], "threshold": 3.5, "strict": True, "note": "x"}),
        {"kept": [40.0], "rows": 2, "note": "x", "nested": {"weights": [1.0, 10.0]}},
    ),
    "a text": Case("echo", _echo("hi"), '"line\\nbreak é"', "line\nbreak é"),
    "a number": Case("echo", _echo(1.5), "6.48", 6.48),
    "a whole number": Case("echo", _echo(1), "9007199254740993", 9007199254740993),
    "a truth value": Case("echo", {"value": True}, "false", answer=False),
    "null": Case("echo", _echo(None), "null", None),
    "a list": Case("echo", _echo([6.48]), "[6.48, 15.5]", [6.48, 15.5]),
    "an object": Case("echo", _echo({"a": [1]}), '{"a": [1, 2], "b": null}', {"a": [1, 2], "b": None}),
    "an object with the argument's name": Case("echo", _echo({"a": 1}), '{"value": {"a": 2}}', {"a": 2}),
}


def _schema(samples: dict[str, Any] | None) -> dict[str, Any] | None:
    return None if samples is None else generating.schema([*samples], samples, None, where="run")


@pytest.mark.parametrize("name", CASES)
def test_what_is_served_is_called_and_answered_as_it_is(call: Call, toy: Toy, name: str, tmp_path: Path) -> None:
    case = CASES[name]
    toy(case.script, _schema(case.samples))
    here = ("service", "run", "-n", "toy", "-s", "staging")
    code, out, err = call(*here, "-d", case.data, "-o", "json")
    assert (code, err) == (0, "")
    assert json.loads(out) == case.answer
    (tmp_path / "body.json").write_text(case.data)
    assert json.loads(call(*here, "-d", tmp_path / "body.json", "-o", "json")[1]) == case.answer

    code, out, err = call(*here, "-d", case.data)
    assert (code, err) == (0, "")
    assert out.strip() or case.answer == ""

    code, out, err = call(*here, "--sample", "2", "-o", "json")
    assert code == (0 if case.samples else 1), err
    assert case.samples or "no schema and so no example" in err

    code, out, _ = call("service", "usage", "-n", "toy", "-s", "staging")
    *told, command = out.splitlines()
    assert code == 0
    assert [line.partition(":")[0] for line in told] == [f"# takes {each}" for each in case.samples or ()] or [
        "# takes"
    ]
    given = {"FILE": str(tmp_path / "body.json")} if case.samples is None else {}
    words = [word.replace("@FILE", f"@{given.get('FILE')}") for word in shlex.split(command)]
    done = subprocess.run([*words, "--silent", "--fail-with-body"], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) is not None or name == "null"


@pytest.mark.parametrize(
    ("answer", "lines"),
    [
        ([6.48, 15.5], ["6.48", "15.5"]),
        ([["a", "b"], ["c"]], ['["a", "b"]', '["c"]']),
        ("two words", ["two words"]),
        (12345678.25, ["12345678.25"]),
        (True, ["true"]),
        (None, ["null"]),
        ([], ["[]"]),
        ({}, ["{}"]),
        ([{}], ["{}"]),
        ([1, {"a": None}, "x"], ["1", '{"a": null}', "x"]),
        ({"a": 12345678.25, "b": {"c": [1]}}, ["a  12345678.25", 'b  {"c": [1]}']),
        ([{"x": 1}, {"y": [1]}], ["x  y", "1  -", "-  [1]"]),
    ],
)
def test_people_see_each_shape_without_a_loss(
    capsys: pytest.CaptureFixture[str], answer: object, lines: list[str]
) -> None:
    print_answer(answer, Output.table)
    assert capsys.readouterr().out.splitlines() == lines


def test_the_model_that_answers_is_told_where_rows_cannot(call: Call, toy: Toy) -> None:
    toy("rows", _schema({"rows": ROWS}), model="weights")
    code, out, err = call("service", "run", "-n", "toy", "-s", "staging", "--sample", "5")
    assert (code, out.splitlines()) == (0, ["1.0", "12.0"])
    assert err == "the schema's example has 2 rows, not 5\nmodel weights:1 answered\n"


def test_a_csv_file_is_read_by_the_schema_and_what_is_left_out_is_told(call: Call, toy: Toy, tmp_path: Path) -> None:
    rows = [{"code": "007", "price": 1.5, "count": 9007199254740993, "ok": True}, dict.fromkeys(("code", "price"))]
    rows[1] |= {"count": 1, "ok": False}
    toy("echo", _schema({"value": rows}))
    path = tmp_path / "rows.csv"
    path.write_text("Count;code;price;ok;customer\n9007199254740993;007;\\N;TRUE;5\n3.0; x;2;false;\n")
    code, out, err = call("service", "run", "-n", "toy", "-s", "staging", "-d", path, "-o", "json")
    assert code == 0, err
    assert json.loads(out) == [
        {"code": "007", "price": None, "count": 9007199254740993, "ok": True},
        {"code": "x", "price": 2.0, "count": 3, "ok": False},
    ]
    assert err.splitlines() == [
        f"{path}: the service does not take customer; left out",
        f"{path}: columns are divided by ';'",
        f"{path}: code: white space around a text is dropped, first in line 3",
    ]


@pytest.mark.parametrize(
    ("samples", "text", "words"),
    [
        ({"value": ROWS}, "price\n1\n", "lacks the column 'count', which the service takes"),
        ({"value": ROWS}, "price,count\n1,many\n", "line 2, column 'count': 'many' is no integer"),
        ({"value": 5}, "a\n1\n", "holds a table, the service takes integer; give JSON"),
        ({"value": ROWS}, "", "is empty"),
    ],
)
def test_a_csv_file_that_the_service_does_not_take_is_one_line(
    call: Call, toy: Toy, tmp_path: Path, samples: dict[str, Any], text: str, words: str
) -> None:
    toy("echo", _schema(samples))
    (tmp_path / "rows.csv").write_text(text)
    code, out, err = call("service", "run", "-n", "toy", "-s", "staging", "-d", tmp_path / "rows.csv")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert words in err


def test_arrays_are_read_from_csv_too(call: Call, toy: Toy, tmp_path: Path) -> None:
    toy("nested", _schema({"matrix": np.ones((2, 2))}))
    (tmp_path / "rows.csv").write_text("a,b\n1,2\n3,4.5\n")
    out = call("service", "run", "-n", "toy", "-s", "staging", "-d", tmp_path / "rows.csv", "-o", "json")[1]
    assert json.loads(out) == [[2.0, 4.0], [6.0, 9.0]]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (json.dumps(ROWS), "is no object; the service takes frame, weights, threshold, strict, note"),
        ('{"frame": []}', "is an object with frame; the service takes frame, weights"),
        ("none.json", "none.json: cannot be read"),
        ("[", "-d: is not JSON"),
        ('{"a": 1, "a": 2}', "the key 'a' stands twice"),
        ("[NaN]", "NaN is no JSON number"),
        (json.dumps({**dict.fromkeys(SEVERAL), "frame": 3}), "holds no list of rows for frame"),
        (json.dumps({**dict.fromkeys(SEVERAL), "frame": []}), "answered 400: "),
    ],
)
def test_what_several_arguments_are_not_is_one_line(call: Call, toy: Toy, data: str, words: str) -> None:
    toy("several", _schema(SEVERAL))
    code, out, err = call("service", "run", "-n", "toy", "-s", "staging", "-d", data)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert words in err


def test_usage_tells_arguments_and_answers_and_makes_up_what_has_no_example(call: Call, toy: Toy) -> None:
    schema: Any = generating.schema([*SEVERAL], SEVERAL, {"answers": [{"kept": 1.5}]}, where="run")
    del schema["input"]["threshold"]["swagger"]["example"]
    toy("several", schema)
    code, out, err = call("service", "usage", "-n", "toy", "-s", "staging", "-o", "json")
    assert (code, err) == (0, "the schema holds no example of all arguments: the values below are made up\n")
    told = json.loads(out)
    assert told["describes"] == [
        "takes frame: a list of rows, each {price: number, count: integer} (a frame for run)",
        "takes weights: a list of number (an array for run)",
        "takes threshold: number",
        "takes strict: boolean",
        "takes note: string",
        "answers a list of rows, each {kept: number}",
    ]
    assert json.loads(told["body"])["threshold"] == 0.0
    assert told["curl"].endswith(told["url"])
