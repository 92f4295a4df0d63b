from typing import Any

import pytest

from workbench.server.errors import Detail, RequestError
from workbench.server.schema import Schema, parse_schema
from workbench.server.validator import Limits, judge

LIMITS = Limits(rows=3, text=5)


def table(**columns: Any) -> dict[str, Any]:
    return {"type": 3, "swagger": {"type": "array", "items": {"type": "object", "properties": columns}}}


def refused(schema: Schema, body: Any) -> tuple[Detail, ...]:
    with pytest.raises(RequestError) as error:
        judge(schema, LIMITS, body)
    assert (error.value.status, error.value.code) == (400, "bad_input")
    return error.value.details


def cell(value: Any, **rules: Any) -> Detail | None:
    """What is wrong with a value in a column of these rules, the other cells being right."""
    schema = parse_schema({"input": {"df": table(a=rules, b={"type": "integer"})}})
    body = {"df": [{"a": None if rules.get("x-nullable") else value, "b": 0}, {"a": value, "b": 0}]}
    try:
        judge(schema, LIMITS, body)
    except RequestError as error:
        detail = error.details[-1]
        assert (detail.row, detail.column) == (1, "a")
        assert detail.message.startswith("df, row 1, column 'a': ")
        return detail
    return None


def rule(value: Any, **rules: Any) -> str | None:
    detail = cell(value, **rules)
    return detail.rule if detail else None


@pytest.fixture
def schema() -> Schema:
    return parse_schema(
        {"input": {"df": table(a={"type": "string"}, b={"type": "number"}), "n": {"swagger": {"type": "integer"}}}}
    )


def test_a_fitting_body_becomes_the_arguments(schema: Schema) -> None:
    body = {"n": 3, "df": [{"b": 1.5, "a": "x"}, {"a": "", "b": 2.5}]}
    assert judge(schema, LIMITS, body) == body


@pytest.mark.parametrize(
    ("body", "says", "broken"),
    [
        ([], "the body must be an object with the arguments df, n", "type"),
        ({"df": []}, "the argument 'n' is missing; the service takes df, n", "required"),
        ({"df": [], "n": 1, "m": 2}, "there is no argument 'm'; the service takes df, n", "unknown"),
        ({"df": {"a": 1, "b": 2}, "n": 1}, "df must be a list of row objects", "type"),
        ({"df": "rows", "n": 1}, "df must be a list of row objects", "type"),
        ({"df": [{"a": "", "b": 2}, [1, 2]], "n": 1}, "df, row 1: a row must be an object of columns", "type"),
        ({"df": [{"a": "", "b": 2}, {"a": ""}], "n": 1}, "df, row 1: the column 'b' is missing", "required"),
        ({"df": [{"a": "", "b": 2, "c": 3}], "n": 1}, "df, row 0: there is no column 'c'", "unknown"),
        ({"df": [{"a": "", "b": 2}] * 4, "n": 1}, "df has 4 rows; at most 3 go into one request", "rows"),
        ({"df": [], "n": "3"}, "n: '3' is no integer", "type"),
        ({"df": [], "n": None}, "n: null is not allowed here", "null"),
    ],
)
def test_a_body_that_does_not_fit_is_refused_by_place(schema: Schema, body: Any, says: str, broken: str) -> None:
    (detail,) = refused(schema, body)
    assert (detail.message, detail.rule) == (says, broken)


def test_every_wrong_cell_is_told_at_once(schema: Schema) -> None:
    rows = [{"a": 1, "b": 1}, {"a": "x", "b": "y"}, {"a": "x", "c": 1}]
    details = refused(schema, {"df": rows, "n": True})
    assert [(each.row, each.column, each.rule, each.value) for each in details] == [
        (0, "a", "type", "1"),
        (1, "b", "type", "'y'"),
        (2, "b", "required", None),
        (2, "c", "unknown", None),
        (None, "n", "type", "true"),
    ]


def test_no_more_than_twenty_are_told_and_the_message_counts_them() -> None:
    schema = parse_schema({"input": {"m": {"type": 1, "swagger": {"type": "array", "items": {"type": "number"}}}}})
    with pytest.raises(RequestError, match=r"^m, 1 lists deep: 'x' is no number \(and 19 more\)$") as error:
        judge(schema, Limits(rows=1000), {"m": ["x"] * 500})
    assert len(error.value.details) == 20


def test_what_the_caller_sent_comes_back_short_and_on_one_line(schema: Schema) -> None:
    for body in (
        {"df": [], "n": 1, "x\n" * 5000: 2},
        {"df": [{"a": "x", "b": "y\n" * 5000}], "n": 1},
        {"df": [{"a": "x", "b": ["\n", 10**40, {"\u2028": "é" * 5000}]}], "n": 1},
        {"df": [{"a": "x", "b": 1, "c\r" * 5000: 2}], "n": 1},
    ):
        (detail,) = refused(schema, body)
        assert len("".join(detail.message.splitlines())) == len(detail.message) < 200
        assert len(detail.value or "") < 100
        assert len(detail.column or "") < 100


@pytest.mark.parametrize(
    ("kind", "value", "broken"),
    [
        ("integer", 3, None),
        ("integer", 3.0, None),
        ("integer", 3.5, "type"),
        ("integer", True, "type"),
        ("integer", "3", "type"),
        ("integer", 2**63 - 1, None),
        ("integer", 2**63, "range"),
        ("integer", -(2**63) - 1, "range"),
        ("integer", 1e30, "range"),
        ("number", 3, None),
        ("number", 3.5, None),
        ("number", 10**30, None),
        ("number", 10**400, "finite"),
        ("number", float("inf"), "finite"),
        ("number", float("nan"), "finite"),
        ("number", False, "type"),
        ("number", [3], "type"),
        ("string", "CA", None),
        ("string", 5, "type"),
        ("string", "five5", None),
        ("string", "six666", "length"),
        ("string", "größe", None),
        ("boolean", True, None),
        ("boolean", 1, "type"),
        ("date", {"any": "thing"}, None),
        ("date", None, None),
    ],
)
def test_a_cell_has_its_columns_type(kind: str, value: object, broken: str | None) -> None:
    assert rule(value, type=kind) == broken


@pytest.mark.parametrize("kind", ["integer", "number", "string", "boolean"])
def test_only_where_it_is_allowed_a_cell_is_null(kind: str) -> None:
    assert rule(None, type=kind) == "null"
    assert rule(None, type=kind, **{"x-nullable": True}) is None
    assert rule(None, type=kind, enum=["WA"], **{"x-nullable": True}) is None


def test_the_sign_for_missing_in_the_telcos_files_is_null() -> None:
    schema = parse_schema({"input": {"df": table(a={"type": "number", "x-nullable": True}, b={"type": "string"})}})
    assert judge(schema, Limits(), {"df": [{"a": "\\N", "b": "\\N"}]}) == {"df": [{"a": None, "b": "\\N"}]}
    assert rule("\\N", type="number") == "type"


def test_a_category_is_one_of_those_known() -> None:
    assert rule("WA", type="string", enum=["CA", "WA"]) is None
    assert rule("longer than a text may be", type="string", enum=["longer than a text may be"]) is None
    detail = cell("NY", type="string", enum=["CA", "WA"])
    assert detail is not None
    assert (detail.rule, detail.value) == ("category", "'NY'")
    assert detail.message.endswith("'NY' is none of its categories: CA, WA")


def test_of_many_categories_ten_are_told() -> None:
    detail = cell("x", type="string", enum=[f"c{number}" for number in range(50)])
    assert detail is not None
    assert detail.message.endswith("c8, c9, …")


@pytest.mark.parametrize(
    ("kind", "value", "broken"),
    [
        ("integer", 0, None),
        ("integer", -1, "minimum"),
        ("integer", 10, None),
        ("integer", 11, "maximum"),
        ("number", 0, None),
        ("number", -0.0, None),
        ("number", -1e-300, "minimum"),
        ("number", 10.000001, "maximum"),
    ],
)
def test_bounds_are_inclusive(kind: str, value: float, broken: str | None) -> None:
    assert rule(value, type=kind, minimum=0, maximum=10) == broken


def test_a_number_is_compared_with_its_bounds_as_the_double_it_becomes() -> None:
    assert rule(2**53 + 1, type="number", maximum=2**53) is None
    assert rule(2**53 + 1, type="integer", maximum=2**53) == "maximum"


def test_numbers_have_the_type_of_their_place() -> None:
    swagger = {"type": "array", "items": {"type": "array", "items": {"type": "number", "x-nullable": True}}}
    schema = parse_schema({"input": {"df": table(a={"type": "integer"}), "m": {"swagger": swagger}}})
    taken = judge(schema, LIMITS, {"df": [{"a": 3.0}], "m": [[1, None], [2.5]]})
    assert str(taken) == "{'df': [{'a': 3}], 'm': [[1.0, None], [2.5]]}"


def test_a_nest_is_so_deep_and_no_longer_than_rows_may_be_many() -> None:
    swagger = {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}
    schema = parse_schema({"input": {"m": {"swagger": swagger}}})
    assert judge(schema, LIMITS, {"m": [[1.0], [], [1.0] * 9]}) == {"m": [[1.0], [], [1.0] * 9]}
    assert [each.message for each in refused(schema, {"m": [1, [[2]]]})] == [
        "m, 1 lists deep: 1 is no list",
        "m, 2 lists deep: [2] is no number",
    ]
    assert [each.rule for each in refused(schema, {"m": [[]] * 4})] == ["rows"]
