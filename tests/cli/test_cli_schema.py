import json
from pathlib import Path
from typing import Any

import pytest

from workbench.server.decoder import Decoder
from workbench.server.schema import parse_schema
from workbench.server.validator import Limits

ROWS = "age,code,rate,known,state\n1,007,0.5,true,WA\n2,,3,false,\n3,010,1e3,TRUE,CA\n4,1,1,true,TX\n"


@pytest.fixture
def script(project: Path) -> Path:
    (project / "score.py").write_text("def init(): ...\ndef run(input_df): return input_df\n")
    (project / "rows.csv").write_text(ROWS)
    return project


def test_rows_of_csv_and_of_json_make_the_same_schema(call: Any, script: Path) -> None:
    code, out, err = call("schema", "generate", "-f", "score.py", "-d", "rows.csv")
    assert (code, out) == (0, "")
    assert "service_schema.json says what score.py takes: input_df" in err
    written = json.loads((script / "service_schema.json").read_text())
    properties = written["input"]["input_df"]["swagger"]["items"]["properties"]
    assert {name: each.get("type") for name, each in properties.items()} == {
        "age": "integer",
        "code": "string",  # 007 is no number
        "rate": "number",
        "known": "boolean",
        "state": "string",
    }
    assert [name for name, each in properties.items() if each.get("x-nullable")] == ["code", "state"]
    rows = written["input"]["input_df"]["swagger"]["example"] + [
        {"age": 4, "code": "1", "rate": 1.0, "known": True, "state": "TX"}
    ]
    (script / "rows.json").write_text(json.dumps(rows))
    code, out, _ = call("schema", "generate", "-f", "score.py", "-d", "rows.json", "--to", "deep/s.json", "-o", "json")
    assert (code, json.loads(out)) == (0, written)
    assert json.loads((script / "deep" / "s.json").read_text()) == written


def test_a_dry_run_writes_nothing(call: Any, script: Path) -> None:
    before = sorted(script.rglob("*"))
    code, out, _ = call("schema", "generate", "-f", "score.py", "-d", "rows.csv", "--dry-run")
    assert (code, out) == (0, "would write service_schema.json (input_df of score.py)\n")
    assert sorted(script.rglob("*")) == before


def test_answers_and_types_are_told(call: Any, script: Path) -> None:
    (script / "answers.json").write_text('[{"prediction": 1, "probability": 0.5}]')
    arguments = ["-d", "rows.csv", "--answers", "answers.json", "--type", "spark", "-o", "json"]
    code, out, err = call("schema", "generate", "-f", "score.py", *arguments)
    assert code == 0, err
    document = json.loads(out)
    assert document["input"]["input_df"]["type"] == 2
    assert list(document["output"]["answers"]["swagger"]["items"]["properties"]) == ["prediction", "probability"]


@pytest.mark.parametrize(
    ("data", "more", "words"),
    [
        ("none.csv", [], "none.csv: cannot be read"),
        ("x.json:{", [], "is not JSON"),
        ('x.json:{"age": 1}', [], "is an object with age, run takes input_df"),
        ("x.json:[]", ["--type", "pandas"], "needs a row or more"),
        ("x.csv:a,a\n1,2\n", [], "column 'a' stands there twice"),
        ("x.csv:a,b\n1\n", [], "line 2 has 1 cells"),
        ("x.csv:", [], "is empty; a first line"),
        ("x.csv:a\n1\n", ["--type", "other=pandas"], "--type other=pandas"),
        ("x.csv:a\n1\n", ["-f", "none.py"], "none.py: cannot be read"),
    ],
)
def test_what_makes_no_schema_is_one_line_and_writes_nothing(
    call: Any, script: Path, data: str, more: list[str], words: str
) -> None:
    name, colon, text = data.partition(":")
    if colon:
        (script / name).write_text(text)
    code, out, err = call("schema", "generate", "-f", "score.py", "-d", name, *more)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert words in err
    assert not (script / "service_schema.json").exists()


@pytest.mark.parametrize(
    ("text", "kinds", "words"),
    [
        ("n\tm\n\\N\tTRUE\n3\tFALSE\n", {"n": "integer", "m": "boolean"}, "columns are divided by tabs"),
        (
            "id;n\n1234567890123456789;1,5\n",
            {"id": "integer", "n": "string"},
            "'1,5' in line 2 is not a number",
        ),
        ("id\n1234567890123456789\n0.5\n", {"id": "string"}, "id: text; '1234567890123456789' in line 2 has more"),
        ("annual income\n5\n", {"annual income": "integer"}, ""),
        ("note\n" + "x" * 200_000 + "\nshort\n", {"note": "string"}, "longer texts than a service takes"),
    ],
)
def test_the_schema_of_a_csv_file_takes_its_own_example_and_each_guess_is_told(
    call: Any, script: Path, text: str, kinds: dict[str, str], words: str
) -> None:
    (script / "rows.csv").write_text(text)
    code, _, err = call("schema", "generate", "-f", "score.py", "-d", "rows.csv")
    assert code == 0, err
    assert words in err
    schema = parse_schema(json.loads((script / "service_schema.json").read_text()))
    (argument,) = schema.arguments
    assert {name: column.kind for name, column in (argument.columns or {}).items()} == kinds
    assert Decoder(schema, Limits()).decode(json.dumps(schema.examples()).encode())


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('[{"a": 1, "a": 2}]', "the key 'a' stands twice"),
        ('[{"a": NaN}]', "NaN is no JSON number"),
        ('[{"a": 1e400}]', "1e400 is too large for a double"),
        ('[{"a": 12345678901234567890}]', "input_df.a: holds a whole number of more than 64 bits"),
        ("[" * 200_000, "is nested too deep"),
        ("9" * 5000, "is not JSON"),
    ],
)
def test_json_that_python_would_change_without_a_word_is_refused(
    call: Any, script: Path, text: str, words: str
) -> None:
    (script / "x.json").write_text(text)
    code, out, err = call("schema", "generate", "-f", "score.py", "-d", "x.json")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert words in err
