from pathlib import Path
from typing import Any

import pytest

from workbench.server.errors import StartError
from workbench.server.schema import Column, Schema, parse_schema, read_schema

NUMBER = {"type": 0, "swagger": {"type": "integer", "format": "int64"}}


def table(**columns: Any) -> dict[str, Any]:
    return {"type": 3, "swagger": {"type": "array", "items": {"type": "object", "properties": columns}}}


def parse(**inputs: Any) -> Schema:
    return parse_schema({"input": inputs})


def column(**rules: Any) -> Column:
    argument = parse(df=table(a=rules)).arguments[0]
    assert argument.columns is not None
    return argument.columns["a"]


def test_a_list_of_objects_is_a_table() -> None:
    (argument,) = parse(df=table(a={"type": "string"}, b={"type": "number"})).arguments
    assert (argument.name, argument.type, argument.item) == ("df", 3, None)
    assert argument.columns == {"a": Column("a", "string"), "b": Column("b", "number")}


@pytest.mark.parametrize("depth", [0, 1, 3])
def test_lists_in_lists_of_values_are_a_nest_so_deep(depth: int) -> None:
    swagger: dict[str, Any] = {"type": "number", "maximum": 9}
    for _ in range(depth):
        swagger = {"type": "array", "items": swagger}
    (argument,) = parse(m={"type": 1, "swagger": swagger}).arguments
    assert (argument.columns, argument.depth) == (None, depth)
    assert argument.item == Column("m", "number", maximum=9)


@pytest.mark.parametrize("swagger", [{"type": "object"}, {"type": "array"}, {"type": "file"}, {}])
def test_what_is_neither_has_no_rules(swagger: dict[str, Any]) -> None:
    (argument,) = parse(any={"swagger": swagger}).arguments
    assert (argument.columns, argument.item) == (None, None)


def test_a_column_has_the_rules_of_its_swagger() -> None:
    assert column(type="string", enum=["WA", None, ""]) == Column("a", "string", categories=("WA", ""))
    assert column(type="integer", minimum=0, maximum=2.5) == Column("a", "integer", minimum=0, maximum=2.5)
    assert column(type="boolean", **{"x-nullable": True}) == Column("a", "boolean", nullable=True)
    assert column(type="date-time") == Column("a", "")


def test_a_bound_of_a_number_is_a_double_as_the_number_is() -> None:
    assert column(type="number", maximum=2**53 + 1).maximum == 2.0**53
    assert column(type="integer", maximum=2**53 + 1).maximum == 2**53 + 1


def test_columns_of_old_files_may_be_null_and_no_nest_may() -> None:
    old = parse(df=table(a={"type": "number"}) | {"internal": "gASV"}, n=NUMBER | {"internal": "gASV"})
    df, n = old.arguments
    assert df.columns == {"a": Column("a", "number", nullable=True)}
    assert n.item == Column("n", "integer")


def test_rows_are_counted_only_when_the_tables_agree() -> None:
    two = parse(x=table(), y=table(), n=NUMBER)
    assert two.rows({"x": [{}], "y": [{}], "n": 3}) == 1
    assert two.rows({"x": [{}], "y": [], "n": 3}) is None
    assert parse(n=NUMBER).rows({"n": 1}) is None


def test_examples_are_whole_or_none() -> None:
    with_example = {"swagger": {"type": "integer", "example": 3}}
    assert parse(n=with_example, m=with_example).examples() == {"n": 3, "m": 3}
    assert parse(n=with_example, m=NUMBER).examples() is None


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ([], "the file is not an object"),
        ({}, "input is not an object"),
        ({"input": {"df": 1}}, "input.df is not an object"),
        ({"input": {"df": {"type": 3, "internal": "gASV"}}}, "input.df.swagger is not an object"),
        ({"input": {"df": NUMBER | {"type": 4}}}, "input.df.type is 4; it is 0 standard, 1 numpy, 2 Spark or 3 pandas"),
        ({"input": {"not a name": NUMBER}}, "input.not a name can't be an argument of run"),
        (
            {"input": {"df": {"swagger": {"type": "array", "items": {"type": "object"}}}}},
            "input.df.swagger.items.properties is not an object",
        ),
        ({"input": {"df": table(a=1)}}, "input.df.a is not an object"),
        ({"input": {"df": table(a={"type": "string", "enum": "WA"})}}, "input.df.a.enum is not a list of values"),
        ({"input": {"df": table(a={"type": "string", "enum": []})}}, "input.df.a.enum is not a list of values"),
        ({"input": {"df": table(a={"type": "string", "enum": [1]})}}, "input.df.a.enum holds other values than texts"),
        ({"input": {"df": table(a={"type": "number", "minimum": "0"})}}, "input.df.a.minimum is '0', not a number"),
        ({"input": {"df": table(a={"type": "number", "maximum": True})}}, "input.df.a.maximum is True, not a number"),
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


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(StartError, match=r"service_schema\.json: No such file or directory; the manifest names it"):
        read_schema(tmp_path / "service_schema.json")
