import copy
from typing import Any

import pytest

from workbench.policies import schema_change

AGE: dict[str, Any] = {"type": "integer", "format": "int64", "minimum": 18}
STATE: dict[str, Any] = {"type": "string", "enum": ["CA", "NY"]}
ANSWER: dict[str, Any] = {"prediction": {"type": "integer"}, "probability": {"type": "number"}}


def schema(columns: dict[str, Any] | None = None, answer: dict[str, Any] | None = None) -> dict[str, Any]:
    rows = {"type": "object", "properties": {"age": AGE, "state": STATE} if columns is None else columns}
    told = {"type": "object", "properties": ANSWER if answer is None else answer}
    return {
        "input": {"input_df": {"type": 3, "swagger": {"type": "array", "items": rows}}},
        "output": {"answers": {"type": 0, "swagger": {"type": "array", "items": told}}},
    }


def test_the_same_schema_is_the_same_and_another_example_is_compatible() -> None:
    other = copy.deepcopy(schema())
    other["input"]["input_df"]["swagger"]["example"] = [{"age": 40, "state": "CA"}]

    assert schema_change.compare(schema(), schema()).verdict == "same"
    assert schema_change.compare(schema(), other) == schema_change.SchemaChange("compatible")


@pytest.mark.parametrize(
    "new",
    [
        schema({"age": {**AGE, "type": "number"}, "state": STATE}),
        schema({"age": {**AGE, "minimum": 16}, "state": STATE}),
        schema({"age": {"type": "integer"}, "state": STATE}),
        schema({"age": {**AGE, "x-nullable": True}, "state": STATE}),
        schema({"age": AGE, "state": {**STATE, "enum": ["CA", "NY", "TX"]}}),
        schema({"age": AGE, "state": {"type": "string"}}),
        schema(answer={**ANSWER, "reason": {"type": "string"}}),
        schema(answer={**ANSWER, "probability": {"type": "integer"}}),
    ],
)
def test_more_freedom_for_callers_and_more_in_answers_is_widening(new: dict[str, Any]) -> None:
    assert schema_change.compare(schema(), new).verdict == "widening"


@pytest.mark.parametrize(
    ("new", "field"),
    [
        (schema({"age": AGE}), "input_df[].state"),
        (schema({"age": AGE, "state": STATE, "plan": STATE}), "input_df[].plan"),
        (schema({"age": {**AGE, "type": "string"}, "state": STATE}), "input_df[].age"),
        (schema({"age": {**AGE, "minimum": 21}, "state": STATE}), "input_df[].age"),
        (schema({"age": {**AGE, "maximum": 99}, "state": STATE}), "input_df[].age"),
        (schema({"age": AGE, "state": {**STATE, "enum": ["CA"]}}), "input_df[].state"),
        (schema(answer={"prediction": {"type": "integer"}}), "answers[].probability"),
        (schema(answer={**ANSWER, "prediction": {"type": "number"}}), "answers[].prediction"),
        (schema(answer={**ANSWER, "probability": {"type": "number", "x-nullable": True}}), "answers[].probability"),
    ],
)
def test_what_callers_send_or_read_and_is_no_longer_so_is_breaking(new: dict[str, Any], field: str) -> None:
    found = schema_change.compare(schema(), new)

    assert found.verdict == "breaking"
    assert [each.field for each in found.breaks] == [field]


def test_another_argument_breaks_and_another_name_of_the_answer_does_not() -> None:
    renamed, told = copy.deepcopy(schema()), copy.deepcopy(schema())
    renamed["input"]["rows"] = renamed["input"].pop("input_df")
    told["output"]["result"] = told["output"].pop("answers")

    assert {each.field for each in schema_change.compare(schema(), renamed).breaks} == {"input_df", "rows"}
    assert schema_change.compare(schema(), told).verdict == "compatible"
