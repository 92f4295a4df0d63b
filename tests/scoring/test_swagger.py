import json
from collections.abc import Callable
from pathlib import Path

import pytest

from scoring.artifact import Model, read_manifest
from scoring.schema import Schema, parse_schema
from scoring.swagger import describe

HERE = Path(__file__).parent
MODEL = Model("toy", 7)


def test_the_document_is_the_one_callers_know(make_folder: Callable[..., Path]) -> None:
    schema = parse_schema(json.loads((HERE / "schemas" / "rows.json").read_text(encoding="utf-8")))
    document = describe("toy", read_manifest(make_folder()), MODEL, schema)
    assert document["swagger"] == "2.0"
    assert document["basePath"] == "/api/v1/service/toy"
    assert "host" not in document
    assert document["securityDefinitions"]["Bearer"]["name"] == "Authorization"
    assert document["paths"]["/score"]["post"]["security"] == [{"Bearer": []}]
    assert document["definitions"]["ServiceInput"] == {
        "type": "object",
        "required": ["input_df"],
        "properties": {
            "input_df": {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {"age": {"type": "number", "format": "double"}, "state": {"type": "string"}},
                },
            }
        },
        "example": {"input_df": [{"age": 31.0, "state": "WA"}]},
    }
    assert document["definitions"]["ServiceOutput"] == {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "prediction": {"type": "number", "format": "double"},
                "model": {"type": "string"},
                "version": {"type": "integer", "format": "int64"},
            },
        },
    }


@pytest.mark.parametrize("schema", [None, parse_schema({"input": {}})])
def test_every_reference_leads_to_a_definition(schema: Schema | None, make_folder: Callable[..., Path]) -> None:
    document = describe("toy", read_manifest(make_folder()), None, schema)
    references = {part.split('"')[0] for part in json.dumps(document).split('"#/definitions/')[1:]}
    assert references == document["definitions"].keys()


def test_without_a_schema_the_input_is_text(make_folder: Callable[..., Path]) -> None:
    document = describe("toy", read_manifest(make_folder(schema=None)), MODEL, None)
    assert document["definitions"]["ServiceInput"] == {"type": "string"}
    assert document["definitions"]["ServiceOutput"] == {}
