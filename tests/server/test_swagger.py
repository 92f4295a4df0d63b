import json
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.server.service import Service
from workbench.server.swagger import describe

RAW = Path(__file__).parent / "scripts" / "raw.py"
Load = Callable[..., Service]


def test_the_document_is_the_one_callers_know(load_folder: Load, make_folder: Callable[..., Path]) -> None:
    document = describe(load_folder(make_folder()))
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
                "prediction": {"type": "number", "format": "double", "x-nullable": True},
                "model": {"type": "string"},
                "version": {"type": "integer", "format": "int64"},
            },
        },
    }


@pytest.mark.parametrize("raw", [False, True])
def test_every_reference_leads_to_a_definition(raw: bool, load_folder: Load, make_folder: Callable[..., Path]) -> None:
    document = describe(load_folder(make_folder(RAW, None) if raw else make_folder()))
    references = {part.split('"')[0] for part in json.dumps(document).split('"#/definitions/')[1:]}
    assert references == document["definitions"].keys()


def test_without_a_schema_the_input_is_text(load_folder: Load, make_folder: Callable[..., Path]) -> None:
    document = describe(load_folder(make_folder(RAW, None)))
    assert document["definitions"]["ServiceInput"] == {"type": "string"}
    assert document["definitions"]["ServiceOutput"] == {}
