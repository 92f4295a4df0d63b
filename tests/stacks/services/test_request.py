"""A body is made of whatever somebody gives, or refused in one line; in a table no value changes without a word."""

import json
import os
import random

import pytest

from workbench.core.errors import DataError
from workbench.stacks.services import contract, request
from workbench.stacks.services.contract import Contract

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "1500"))
ROWS = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "string"}}}}
NUMBERS = {"type": "array", "items": {"type": "array", "items": {"type": "number"}}}


def _contract(**swaggers: object) -> Contract:
    return contract.of({"input": {name: {"type": 0, "swagger": swagger} for name, swagger in swaggers.items()}})


CONTRACTS = (
    contract.of(None),
    _contract(rows=ROWS),
    _contract(a={"type": "array", "items": {"type": "object", "properties": {"a": {"type": "number"}}}}),
    _contract(matrix=NUMBERS),
    _contract(value={}),
    _contract(rows=ROWS, limit={"type": "number"}),
)
PIECES = (
    "a", "b", "A", "rows", "limit", "value", ",", ";", "\n", "\t", '"', "[", "]", "{", "}", ":", '{"rows": []}',
    "1", "-0", "007", "1e400", "NaN", "null", "true", "\\N", "é", "\ud800", " ", "1234567890123456789", '"a": 1',
    '{"a": 1, "b": "x"}',
)  # fmt: skip


@pytest.mark.fuzz
@pytest.mark.parametrize("part", range(2))
def test_whatever_is_given_makes_a_body_of_the_contracts_arguments_or_is_refused_in_one_line(part: int) -> None:
    made = refused = 0
    for case in range(part, EXAMPLES, 2):
        rng = random.Random(case)  # noqa: S311 - nothing secret, the same each time
        taken = rng.choice(CONTRACTS)
        text = "".join(rng.choices(PIECES, k=rng.randint(0, 12)))
        name = rng.choice(("in.csv", "in.TSV", "in.json", "standard input", "-d"))
        try:
            if name == "-d":
                found = request.from_text(taken, text, name)
            else:
                found = request.from_file(taken, name, text.encode(errors="surrogatepass"))
        except DataError as error:
            assert str(error).startswith(name), case  # noqa: PT017 - either way is right
            assert "\n" not in str(error), case  # noqa: PT017
            refused += 1
            continue
        if taken.arguments is not None:
            assert set(json.loads(found.body)) == set(taken.names), case
        assert all("\n" not in remark for remark in found.remarks), case
        made += 1
    assert made > EXAMPLES // 20
    assert refused > EXAMPLES // 20


def test_a_row_of_a_table_whose_one_column_is_called_as_the_argument_is_a_row() -> None:
    assert json.loads(request.from_text(CONTRACTS[2], '{"a": 5}', "-d").body) == {"a": [{"a": 5}]}
    assert json.loads(request.from_text(CONTRACTS[2], '{"a": [{"a": 5}]}', "-d").body) == {"a": [{"a": 5}]}


def test_names_of_columns_that_differ_in_case_alone_stay_apart() -> None:
    both = {
        "type": "array",
        "items": {"type": "object", "properties": {"a": {"type": "string"}, "A": {"type": "string"}}},
    }
    found = request.from_file(_contract(rows=both), "in.csv", b"A,a\n1,2\n")
    assert json.loads(found.body) == {"rows": [{"a": "2", "A": "1"}]}


@pytest.mark.parametrize("taken", [CONTRACTS[1], CONTRACTS[3], CONTRACTS[5]], ids=["rows", "matrix", "several"])
def test_null_and_nothing_are_told_where_a_value_is_needed(taken: Contract) -> None:
    with pytest.raises(DataError, match=r"^-d: is null, which holds no value for "):
        request.from_text(taken, "null", "-d")
    with pytest.raises(DataError, match=r"^in.json: is empty; give JSON, see: workbench service usage$"):
        request.from_file(taken, "in.json", b" \n")


def test_null_is_a_value_where_anything_is_taken() -> None:
    assert request.from_text(CONTRACTS[4], "null", "-d").body == b'{"value": null}'


@pytest.mark.parametrize("missing", ["", "\\N"])
def test_a_missing_cell_of_a_column_that_needs_a_value_is_told_by_its_line(missing: str) -> None:
    with pytest.raises(DataError, match=r"^in.csv: line 3, column 'a': has no value; the service takes none without$"):
        request.from_file(CONTRACTS[1], "in.csv", f"a,b\n1,x\n{missing},y\n".encode())
    with pytest.raises(DataError, match=r"^in.csv: line 2, column 'a': 'null' is no integer$"):
        request.from_file(CONTRACTS[1], "in.csv", b"a,b\nnull,x\n")


def test_a_missing_cell_of_a_column_that_takes_none_is_null() -> None:
    rows = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string", "x-nullable": True}}}}
    found = request.from_file(_contract(rows=rows), "in.csv", b"a\n\\N\n")
    assert json.loads(found.body) == {"rows": [{"a": None}]}
