"""service_schema.json from samples: the contract's shape, which the server reads, and no pickle."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from workbench.core.errors import SchemaError
from workbench.registry.schemas.generating import DataTypes, SampleDefinition, generate_schema
from workbench.server.schema import parse_schema


def run(input_df: Any) -> Any:
    return input_df


def pair(rows: Any, limit: Any) -> Any:
    return rows, limit


def test_a_frame_is_told_by_its_columns_as_the_contract_says(tmp_path: Path) -> None:
    frame = pd.DataFrame({"age": [1, 2, 3, 4], "share": [0.5, None, 1.0, 2.0], "state": ["WA", "TX", None, "CA"]})
    sample = {"input_df": SampleDefinition(DataTypes.PANDAS, frame)}
    document = generate_schema(run_func=run, inputs=sample, filepath=tmp_path / "service_schema.json")
    part = document["input"]["input_df"]
    assert (part["type"], "internal" in json.dumps(document), "output" in document) == (3, False, False)
    assert part["swagger"]["items"]["properties"] == {
        "age": {"type": "integer", "format": "int64"},
        "share": {"type": "number", "format": "double", "x-nullable": True},
        "state": {"type": "string", "x-nullable": True},
    }
    assert part["swagger"]["example"] == [
        {"age": 1, "share": 0.5, "state": "WA"},
        {"age": 2, "share": None, "state": "TX"},
        {"age": 3, "share": 1.0, "state": None},
    ]
    assert json.loads((tmp_path / "service_schema.json").read_text()) == document
    (argument,) = parse_schema(document).arguments
    assert list(argument.columns or ()) == ["age", "share", "state"]


def test_arrays_and_plain_values_are_told_too() -> None:
    document = generate_schema(pair, {"rows": np.ones((2, 3)), "limit": 3}, {"answers": ["a", "b"]})
    rows = document["input"]["rows"]
    assert (rows["type"], rows["swagger"]["items"]["items"]) == (1, {"type": "number", "format": "double"})
    assert document["input"]["limit"] == {"type": 0, "swagger": {"type": "integer", "format": "int64", "example": 3}}
    assert document["output"]["answers"]["swagger"]["items"] == {"type": "string"}
    parsed = parse_schema(document)
    assert parsed.names == ("rows", "limit")
    assert parsed.arguments[0].depth == 2


@pytest.mark.parametrize("names", [[], ["other"], ["input_df", "more"]])
def test_names_or_a_count_that_run_does_not_have_are_refused(names: list[str], tmp_path: Path) -> None:
    with pytest.raises(SchemaError, match=r"run takes 1 argument \(input_df\)"):
        generate_schema(run, dict.fromkeys(names, 1), filepath=tmp_path / "s.json")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sample", "words"),
    [
        ([{"a": 1}, {"a": "x"}], "input_df.a: holds values of the kinds integer, string"),
        (SampleDefinition(DataTypes.PANDAS, []), "needs a row or more"),
        (SampleDefinition(DataTypes.NUMPY, 3), "needs a value or more"),
        (SampleDefinition(9, 3), "no data type 9"),
        ({1, 2}, "JSON has no value such as"),
        ([float("inf")], "holds infinity"),
        ([2**64], "more than 64 bits"),
        (pd.DataFrame([[1, 2]], columns=["a", "a"]), "two columns of one name"),
    ],
)
def test_a_sample_that_tells_nothing_is_refused(sample: Any, words: str) -> None:
    with pytest.raises(SchemaError, match=words):
        generate_schema(run, {"input_df": sample})


def test_an_example_has_each_value_of_a_frame_exactly_and_null_for_what_is_missing() -> None:
    frame = pd.DataFrame(
        {
            "small": [1.2345678901234567e-20, None],
            "id": pd.array([1234567890123456789, None], dtype="Int64"),
            "day": pd.to_datetime(["2019-01-02", "NaT"]),
            "state": ["x" * 20_000, "WA"],
        }
    )
    document = generate_schema(run, {"input_df": SampleDefinition(DataTypes.PANDAS, frame)})
    assert document["input"]["input_df"]["swagger"]["example"] == [
        {"small": None, "id": None, "day": None, "state": "WA"}
    ]
    (row,) = generate_schema(run, {"input_df": frame.head(1).drop(columns="state")})["input"]["input_df"]["swagger"][
        "example"
    ]
    assert row == {"small": 1.2345678901234567e-20, "id": 1234567890123456789, "day": "2019-01-02T00:00:00"}
