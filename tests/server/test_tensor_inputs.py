from collections.abc import Callable
from typing import Any

import pytest

from workbench.server.errors import Code, RequestError
from workbench.server.schema import Schema, parse_schema
from workbench.server.tensor_inputs import read_arguments
from workbench.server.tensors import Tensor
from workbench.server.validator import Limits, judge

COLUMNS: dict[str, Any] = {
    "age": {"type": "integer", "minimum": 0, "maximum": 120},
    "balance": {"type": "number", "x-nullable": True},
    "state": {"type": "string", "enum": ["CA", "WA"], "x-nullable": True},
    "active": {"type": "boolean"},
}
ROWS = [
    {"age": 31, "balance": 2.5, "state": "WA", "active": True},
    {"age": 47, "balance": None, "state": None, "active": False},
]
LIMITS = Limits(rows=4, text=10)


def rows_of(columns: dict[str, Any]) -> dict[str, Any]:
    return {"type": 3, "swagger": {"type": "array", "items": {"type": "object", "properties": columns}}}


def taking(**arguments: Any) -> Schema:
    return parse_schema({"input": arguments})


PAIRS = {"type": 1, "swagger": {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}}
COUNT = {"type": 0, "swagger": {"type": "integer"}}
TABLE = taking(input_df=rows_of(COLUMNS))
ARRAY = taking(x=PAIRS)


def tensor(name: str, datatype: str, shape: list[int], data: list[Any]) -> Tensor:
    return Tensor(name, datatype, tuple(shape), data)


def table(**changed: Tensor | None) -> list[Tensor]:
    """The tensors that tell ROWS; one of them changed, or left out by None."""
    tensors = {
        "age": tensor("age", "INT64", [2], [31, 47]),
        "balance": tensor("balance", "FP64", [2], [2.5, None]),
        "state": tensor("state", "BYTES", [2], ["WA", None]),
        "active": tensor("active", "BOOL", [2], [True, False]),
    }
    return [each for each in (tensors | changed).values() if each is not None]


def read(tensors: list[Tensor], schema: Schema | None = TABLE) -> dict[str, Any]:
    return read_arguments(schema, LIMITS, tensors)


@pytest.fixture
def refusal() -> Callable[..., RequestError]:
    """The refusal of tensors."""

    def refused(tensors: list[Tensor], schema: Schema | None = TABLE) -> RequestError:
        with pytest.raises(RequestError) as caught:
            read(tensors, schema)
        assert caught.value.code is Code.BAD_INPUT
        return caught.value

    return refused


def test_columns_become_the_rows_that_the_judge_would_accept() -> None:
    assert read(table()) == {"input_df": ROWS}
    assert judge(TABLE, LIMITS, read(table())) == {"input_df": ROWS}


@pytest.mark.parametrize(
    "age",
    [
        tensor("age", "INT64", [2, 1], [31, 47]),
        tensor("age", "UINT8", [2], [31, 47]),
        tensor("age", "INT8", [2], [31, 47]),
    ],
)
def test_a_column_may_have_a_second_size_of_1_and_any_whole_number(age: Tensor) -> None:
    assert read(table(age=age)) == {"input_df": ROWS}


@pytest.mark.parametrize("datatype", ["FP64", "FP32", "FP16", "INT64"])
def test_a_number_is_a_float_however_it_was_written(datatype: str) -> None:
    rows = read(table(balance=tensor("balance", datatype, [2], [2, None])))["input_df"]
    assert [(row["balance"], type(row["balance"])) for row in rows] == [(2.0, float), (None, type(None))]


def test_a_tensor_holds_all_that_its_datatype_can() -> None:
    whole, broad = 2**64 - 1, 10**30
    assert read([tensor("x", "UINT64", [1, 1], [whole])], ARRAY) == {"x": [[float(whole)]]}
    assert read([tensor("x", "FP64", [1, 1], [broad])], ARRAY) == {"x": [[1e30]]}
    assert read([tensor("n", "INT64", [1], [-(2**63)])], taking(n=COUNT)) == {"n": -(2**63)}


def test_the_files_sign_for_missing_is_missing_where_that_is_allowed() -> None:
    state, balance = tensor("state", "BYTES", [2], ["WA", "\\N"]), tensor("balance", "FP64", [2], [2.5, "\\N"])
    assert read(table(state=state, balance=balance)) == {"input_df": ROWS}


def test_no_rows_are_no_rows() -> None:
    assert read([tensor(each.name, each.datatype, [0], []) for each in table()]) == {"input_df": []}


def test_an_array_is_nested_row_by_row() -> None:
    assert read([tensor("x", "FP32", [2, 3], [1, 2, 3, 4, 5, 6])], ARRAY) == {"x": [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]}
    assert read([tensor("x", "FP32", [0, 3], [])], ARRAY) == {"x": []}
    cube = taking(x={"swagger": {"type": "array", "items": PAIRS["swagger"]}})
    assert read([tensor("x", "INT8", [2, 1, 2], [1, 2, 3, 4])], cube) == {"x": [[[1, 2]], [[3, 4]]]}


def test_several_arguments_are_a_tensor_each() -> None:
    schema = taking(x=PAIRS, n=COUNT)
    inputs = [tensor("n", "INT32", [1], [3]), tensor("x", "FP64", [1, 1], [0.5])]
    assert read(inputs, schema) == {"x": [[0.5]], "n": 3}


@pytest.mark.parametrize("anything", [5, 2.5, "x", True, None])
def test_a_column_of_no_type_takes_the_elements_of_any_datatype(anything: object) -> None:
    schema = taking(df=rows_of({"a": {}}))
    datatype = {int: "INT64", float: "FP64", bool: "BOOL"}.get(type(anything), "BYTES")
    assert read([tensor("a", datatype, [1], [anything])], schema) == {"df": [{"a": anything}]}


@pytest.mark.parametrize(
    ("schema", "says"),
    [
        (None, "this service takes a text, not tensors; POST it to /score"),
        (taking(x=rows_of(COLUMNS), n=COUNT), "the argument 'x' is a table among others"),
        (taking(x={"swagger": {"type": "object"}}), "the argument 'x' is neither a table nor lists of plain values"),
    ],
)
def test_a_service_whose_arguments_are_no_tensors_sends_the_caller_to_score(
    schema: Schema | None, says: str, refusal: Callable[..., RequestError]
) -> None:
    assert str(refusal([], schema)).startswith(says)
    assert "/score" in str(refusal([], schema))


@pytest.mark.parametrize(
    ("age", "rule", "says"),
    [
        (None, "required", "the input 'age' is missing"),
        (tensor("years", "INT64", [2], [1, 2]), "unknown", "there is no input 'years'"),
        (tensor("state", "BYTES", [2], ["WA", "CA"]), "unique", "input 'state': it stands twice in inputs"),
        (tensor("age", "FP64", [2], [1, 2]), "datatype", "input 'age': the datatype is FP64; it takes INT8, INT16"),
        (tensor("age", "BYTES", [2], ["1", "2"]), "datatype", "input 'age': the datatype is BYTES; it takes INT8"),
        (tensor("age", "INT64", [3], [1, 2, 3]), "shape", "input 'balance': it has 2 rows and 'age' has 3"),
        (tensor("age", "INT64", [1, 2], [1, 2]), "shape", "input 'age': the shape is [1, 2]; it takes [n] or [n, 1]"),
        (tensor("age", "INT64", [], [1]), "shape", "input 'age': the shape is []; it takes [n] or [n, 1]"),
        (tensor("age", "INT64", [5], [1] * 5), "rows", "input 'age': it has 5 rows; at most 4 go into one request"),
        (tensor("age", "INT64", [2], [1, "old"]), "type", "input 'age', index 1: 'old' is no integer"),
        (tensor("age", "INT64", [2], [1, 2.5]), "type", "input 'age', index 1: 2.5 is no integer"),
        (tensor("age", "INT64", [2], [1, True]), "type", "input 'age', index 1: true is no integer"),
        (tensor("age", "INT64", [2], [1, None]), "null", "input 'age', index 1: null is not allowed here"),
        (tensor("age", "INT64", [2], [1, -1]), "minimum", "input 'age', index 1: -1 is below the minimum 0"),
        (tensor("age", "INT64", [2], [121, 1]), "maximum", "input 'age', index 0: 121 is above the maximum 120"),
        (tensor("age", "INT64", [2, 1], [1, "\\N"]), "type", "input 'age', index 1: '\\\\N' is no integer"),
    ],
)
def test_a_wrong_tensor_is_refused_by_name_index_value_and_rule(
    age: Tensor | None, rule: str, says: str, refusal: Callable[..., RequestError]
) -> None:
    error = refusal(table(age=age))
    assert error.details[0].message.startswith(says)
    assert error.details[0].rule == rule


@pytest.mark.parametrize(
    ("changed", "rule", "says"),
    [
        (tensor("balance", "FP16", [2], [1, 65505]), "datatype", "index 1: 65505 does not fit FP16"),
        (tensor("balance", "FP32", [2], [3.5e38, 1]), "datatype", "index 0: 3.5e+38 does not fit FP32"),
        (tensor("balance", "UINT64", [2], [1, 2**64]), "datatype", "index 1: a number of more than 64 bits does"),
        (tensor("balance", "UINT8", [2], [1, 256]), "datatype", "index 1: 256 does not fit UINT8"),
        (tensor("balance", "INT8", [2], [1, -129]), "datatype", "index 1: -129 does not fit INT8"),
        (tensor("balance", "INT64", [2], [1, 0.5]), "datatype", "index 1: 0.5 does not fit INT64"),
        (tensor("state", "BYTES", [2], ["WA", "TX"]), "category", "index 1: 'TX' is none of its categories: CA, WA"),
        (tensor("state", "BYTES", [2], ["WA", 5]), "type", "index 1: 5 is no string"),
        (tensor("active", "BOOL", [2], [True, 1]), "type", "index 1: 1 is no boolean"),
    ],
)
def test_every_element_keeps_to_its_datatype_and_its_column(
    changed: Tensor, rule: str, says: str, refusal: Callable[..., RequestError]
) -> None:
    (detail,) = refusal(table(**{changed.name: changed})).details
    assert (detail.rule, detail.column) == (rule, changed.name)
    assert detail.message.startswith(f"input {changed.name!r}, {says}")


@pytest.mark.parametrize(
    ("column", "data"),
    [
        ({"type": "integer", "enum": [1, 5]}, [1, 3, 5]),
        ({"type": "number", "minimum": 0, "x-nullable": True}, [None, 5, -3, 9]),
        ({"type": "integer", "maximum": 7}, [1, 8, 2]),
    ],
)
def test_one_wrong_number_among_right_ones_is_found(
    column: dict[str, Any], data: list[Any], refusal: Callable[..., RequestError]
) -> None:
    (detail,) = refusal([tensor("a", "INT64", [len(data)], data)], taking(df=rows_of({"a": column}))).details
    assert detail.value in ("3", "-3", "8")


def test_a_value_on_its_own_keeps_to_its_rule_too(refusal: Callable[..., RequestError]) -> None:
    unsigned = refusal([tensor("n", "UINT64", [1], [2**63])], taking(n=COUNT))
    assert str(unsigned) == "input 'n', index 0: the whole number needs more than 64 bits"
    text = refusal([tensor("note", "BYTES", [], ["x" * 11])], taking(note={"swagger": {"type": "string"}}))
    assert str(text) == "input 'note', index 0: the text has 11 characters; at most 10 are taken"
    two = refusal([tensor("n", "INT64", [2], [1, 2])], taking(n=COUNT))
    assert str(two) == "input 'n': the shape is [2]; it takes [1]"


@pytest.mark.parametrize(
    ("inputs", "says"),
    [
        ([tensor("x", "FP64", [4], [1, 2, 3, 4])], "input 'x': the shape is [4]; it takes [n, n]"),
        ([tensor("x", "FP64", [2, 0], [])], "input 'x': the shape is [2, 0]; it takes [n, n]"),
        ([tensor("x", "FP64", [5, 1], [0] * 5)], "input 'x': it has 5 rows; at most 4 go into one request"),
        ([tensor("x", "FP64", [2, 2], [1, 2, 3, "4"])], "input 'x', index [1, 1]: '4' is no number"),
        ([tensor("x", "FP64", [2, 2], [1, None, 3, 4])], "input 'x', index [0, 1]: null is not allowed here"),
    ],
)
def test_a_wrong_array_is_refused_by_its_index_in_every_dimension(
    inputs: list[Any], says: str, refusal: Callable[..., RequestError]
) -> None:
    assert str(refusal(inputs, ARRAY)) == says


def test_a_name_that_is_long_comes_back_short(refusal: Callable[..., RequestError]) -> None:
    error = refusal([*table(), tensor("x\n" * 5000, "INT64", [2], [1, 2])])
    assert len(str(error)) < 150
    assert len(error.details[0].column or "") == 64


def test_all_that_is_wrong_is_told_at_once_and_twenty_at_most(refusal: Callable[..., RequestError]) -> None:
    age, state = tensor("age", "INT64", [2], [-1, 300]), tensor("state", "BYTES", [2], ["TX", "OR"])
    error = refusal(table(age=age, state=state))
    assert [(each.column, each.row) for each in error.details] == [("age", 0), ("age", 1), ("state", 0), ("state", 1)]
    assert str(error).endswith("(and 3 more)")
    assert len(refusal([tensor(f"x{number}", "INT64", [1], [1]) for number in range(50)]).details) == 20
