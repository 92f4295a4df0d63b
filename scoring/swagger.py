"""The service described in Swagger 2.0, as callers of the lab know it. Built once, from the schema alone.

There is no host in it: the same document holds wherever the gateway stands.
"""

from collections.abc import Mapping
from typing import Any, Final

from scoring.artifact import Manifest, Model
from scoring.contract import JSON
from scoring.schema import Schema

ERROR: Final = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["code", "message", "request_id"],
            "properties": {
                "code": {"type": "string"},
                "message": {"type": "string"},
                "request_id": {"type": "string"},
            },
        }
    },
}
FAILURE: Final = {"description": "Refused or failed", "schema": {"$ref": "#/definitions/ErrorResponse"}}


def describe(service: str, manifest: Manifest, model: Model | None, schema: Schema | None) -> dict[str, Any]:
    """Describe the service named `service`, which serves `manifest`."""
    models = ", ".join(f"{each.name} [Ver. {each.version}]" for each in manifest.models)
    return {
        "swagger": "2.0",
        "info": {"title": service, "description": f"Scores with {models or 'no registered model'}", "version": "1.0"},
        "basePath": f"/api/v1/service/{service}",
        "consumes": [JSON if schema else "text/plain"],
        "produces": [JSON],
        "securityDefinitions": {
            "Bearer": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "Bearer KEY, with the primary or the secondary key of the service",
            }
        },
        "paths": {"/": {"get": _health()}, "/score": {"post": _score()}},
        "definitions": {
            "ServiceInput": _input(schema),
            "ServiceOutput": _output(schema, model),
            "ErrorResponse": ERROR,
        },
    }


def _health() -> dict[str, Any]:
    return {
        "operationId": "ServiceHealthCheck",
        "description": "Whether the service takes requests",
        "produces": ["text/plain"],
        "security": [],
        "responses": {
            "200": {"description": "It does", "schema": {"type": "string"}, "examples": {"text/plain": "Healthy"}},
            "503": {"description": "It is starting or stopping"},
        },
    }


def _score() -> dict[str, Any]:
    return {
        "operationId": "RunMLService",
        "description": "Score the given input",
        "security": [{"Bearer": []}],
        "parameters": [
            {
                "name": "serviceInputPayload",
                "in": "body",
                "required": True,
                "schema": {"$ref": "#/definitions/ServiceInput"},
            }
        ],
        "responses": {
            "200": {"description": "The scores", "schema": {"$ref": "#/definitions/ServiceOutput"}},
            "default": FAILURE,
        },
    }


def _input(schema: Schema | None) -> dict[str, Any]:
    if schema is None:
        return {"type": "string"}
    examples = {each.name: each.swagger["example"] for each in schema.arguments if "example" in each.swagger}
    definition: dict[str, Any] = {
        "type": "object",
        "required": list(schema.names),
        "properties": {each.name: _without_example(each.swagger) for each in schema.arguments},
    }
    return definition | ({"example": examples} if examples else {})


def _output(schema: Schema | None, model: Model | None) -> dict[str, Any]:
    """Describe the schema's one output; its rows say which model answered, as the answers' do."""
    if schema is None or len(schema.outputs) != 1:
        return {}
    output = _without_example(schema.outputs[0])
    items = output.get("items")
    if model is None or not isinstance(items, dict) or items.get("type") != "object":
        return output
    stamp = {"model": {"type": "string"}, "version": {"type": "integer", "format": "int64"}}
    return output | {"items": items | {"properties": items.get("properties", {}) | stamp}}


def _without_example(swagger: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in swagger.items() if key != "example"}
