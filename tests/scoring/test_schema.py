from pathlib import Path
from typing import Any

import pytest

from scoring.errors import RequestError, StartError
from scoring.schema import Schema, fits, parse_schema, read_schema

TABLE = {
    "type": 3,
    "swagger": {"type": "array", "items": {"type": "object", "properties": {"a": {}, "b": {}}}},
}
NUMBER = {"type": 0, "swagger": {"type": "integer", "format": "int64"}}


@pytest.fixture
def schema() -> Schema:
    return parse_schema({"input": {"df": TABLE, "n": NUMBER}})


def test_a_fitting_body_becomes_the_arguments(schema: Schema) -> None:
    body = {"n": 3, "df": [{"b": 1, "a": "x"}, {"a": None, "b": []}]}
    assert schema.check(body) == body
    assert schema.rows(body) == 2


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ([], "the body must be an object with the arguments df, n"),
        ({"df": []}, "the argument 'n' is missing; the service takes df, n"),
        ({"df": [], "n": 1, "m": 2}, "there is no argument 'm'; the service takes df, n"),
        ({"df": {"a": 1, "b": 2}, "n": 1}, "df must be a list of row objects"),
        ({"df": "rows", "n": 1}, "df must be a list of row objects"),
        ({"df": [{"a": 1, "b": 2}, [1, 2]], "n": 1}, "df, row 1: a row must be an object of columns"),
        ({"df": [{"a": 1, "b": 2}, {"a": 1}], "n": 1}, "df, row 1: the column 'b' is missing"),
        ({"df": [{"a": 1, "b": 2, "c": 3}], "n": 1}, "df, row 0: there is no column 'c'"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_place(schema: Schema, body: Any, says: str) -> None:
    with pytest.raises(RequestError) as refused:
        schema.check(body)
    assert str(refused.value) == says
    assert refused.value.status == 400


def test_what_the_caller_sent_comes_back_short_and_on_one_line(schema: Schema) -> None:
    with pytest.raises(RequestError) as refused:
        schema.check({"df": [], "n": 1, "x\n" * 5000: 2})
    assert "\n" not in str(refused.value)
    assert len(str(refused.value)) < 200


def test_rows_are_counted_only_when_the_tables_agree() -> None:
    two = parse_schema({"input": {"x": TABLE, "y": TABLE}})
    assert two.rows({"x": [{}], "y": [{}]}) == 1
    assert two.rows({"x": [{}], "y": []}) is None
    assert parse_schema({"input": {"n": NUMBER}}).rows({"n": 1}) is None


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "the file is not an object"),
        ({}, "input is not an object"),
        ({"input": {"df": 1}}, "input.df is not an object"),
        ({"input": {"df": {"type": 3, "internal": "gASV"}}}, "input.df.swagger is not an object"),
        ({"input": {"not a name": NUMBER}}, "input.not a name can't be an argument of run"),
        (
            {"input": {"df": {"swagger": {"type": "array", "items": {"type": "object"}}}}},
            "input.df.swagger.items.properties is not an object",
        ),
        ({"input": {}, "output": {"o": {}}}, "output.o.swagger is not an object"),
    ],
)
def test_a_schema_that_is_none_is_refused_by_key(document: object, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        parse_schema(document)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[]"])
def test_a_file_that_is_no_schema_is_named(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "service_schema.json"
    file.write_bytes(content)
    with pytest.raises(StartError, match=r"service_schema\.json: .*register a new manifest"):
        read_schema(file)


@pytest.mark.parametrize(
    ("kind", "value", "fitting"),
    [
        ("integer", 3, True),
        ("integer", 3.0, True),
        ("integer", 3.5, False),
        ("integer", True, False),
        ("integer", "3", False),
        ("number", 3, True),
        ("number", 3.5, True),
        ("number", False, False),
        ("number", [3], False),
        ("string", "CA", True),
        ("string", 5, False),
        ("boolean", True, True),
        ("boolean", 1, False),
        ("number", None, True),
        ("number", "\\N", True),
        ("string", None, True),
        ("date", {"any": "thing"}, True),
    ],
)
def test_a_cell_has_its_columns_type_or_is_missing(kind: str, value: object, fitting: bool) -> None:
    assert fits(value, kind) is fitting


def test_a_cell_of_another_type_is_refused_by_row_column_value_and_type() -> None:
    properties = {"age": {"type": "integer"}}
    table = {"type": "array", "items": {"type": "object", "properties": properties}}
    schema = parse_schema({"input": {"input_df": {"swagger": table}}})

    with pytest.raises(RequestError) as refused:
        schema.check({"input_df": [{"age": 1}, {"age": "old"}]})

    assert str(refused.value) == "input_df, row 1, column 'age': 'old' is no integer"
