"""The service described in Swagger 2.0, as callers of the lab know it. Built once, from the schema alone.

There is no host in it: the same document holds wherever the gateway stands.
"""

from collections.abc import Mapping
from typing import Any, Final

from workbench.server import contract
from workbench.server.request import JSON, address
from workbench.server.service import Service

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
                "details": {
                    "type": "array",
                    "items": {
                        "type": "object",
                        "required": ["rule", "message"],
                        "properties": {
                            "rule": {"type": "string"},
                            "message": {"type": "string"},
                            "row": {"type": "integer", "format": "int64"},
                            "column": {"type": "string"},
                            "value": {"type": "string"},
                        },
                    },
                },
            },
        }
    },
}
FAILURE: Final = {"description": "Refused or failed", "schema": {"$ref": "#/definitions/ErrorResponse"}}


def describe(service: Service) -> dict[str, Any]:
    """Describe a loaded service."""
    models = ", ".join(f"{model.name} [Ver. {model.version}]" for model in service.manifest.models)
    about = f"Scores with {models or 'no registered model'}"
    return {
        "swagger": "2.0",
        "info": {"title": service.name, "description": about, "version": "1.0"},
        "basePath": address(service.name),
        "consumes": [JSON if service.schema else "text/plain"],
        "produces": [JSON],
        "securityDefinitions": {
            "Bearer": {
                "type": "apiKey",
                "in": "header",
                "name": "Authorization",
                "description": "Bearer KEY, with the primary or the secondary key of the service",
            }
        },
        "paths": {"/": {"get": _health()}, "/score": {"post": _score(service)}},
        "definitions": {
            "ServiceInput": service_input(service),
            "ServiceOutput": service_output(service),
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


def _score(service: Service) -> dict[str, Any]:
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
            "200": {
                "description": "The scores",
                "schema": {"$ref": "#/definitions/ServiceOutput"},
                "headers": {name: {"description": about} | kind for name, about, kind in model_headers(service)},
            },
            "default": FAILURE,
        },
    }


def model_headers(service: Service) -> list[tuple[str, str, dict[str, str]]]:
    """The name, meaning and type of each header that says which model answered; none if no one model does."""
    if service.model is None:
        return []
    return [
        ("x-model", "The model that answered", {"type": "string"}),
        ("x-model-version", "Its version", {"type": "integer", "format": "int64"}),
    ]


def service_input(service: Service) -> dict[str, Any]:
    """The body of a request in JSON schema's words, with the schema's examples."""
    if service.schema is None:
        return {"type": "string"}
    arguments = service.schema.arguments
    definition: dict[str, Any] = {
        "type": "object",
        "required": [argument.name for argument in arguments],
        "properties": {argument.name: _without_example(argument.swagger) for argument in arguments},
    }
    examples = service.schema.examples()
    return definition | ({"example": examples} if examples else {})


def service_output(service: Service) -> dict[str, Any]:
    """The schema's one output as it is written: rows may say which model answered, any number may be missing."""
    if service.schema is None or len(service.schema.outputs) != 1:
        return {}
    output = _written(service.schema.outputs[0])
    items = output.get("items")
    if service.model is None or not isinstance(items, dict) or items.get("type") != "object":
        return output
    told = items.get("properties", {})
    if not contract.STAMP.isdisjoint(told):
        return output
    stamp = {"model": {"type": "string"}, "version": {"type": "integer", "format": "int64"}}
    return output | {"items": items | {"properties": told | stamp}}


def _written(swagger: Mapping[str, Any]) -> dict[str, Any]:
    """A part of an answer; NaN, which any number may be, is null."""
    found = _without_example(swagger)
    if found.get("type") == "number":
        found["x-nullable"] = True
    if isinstance(found.get("items"), Mapping):
        found["items"] = _written(found["items"])
    if isinstance(found.get("properties"), Mapping):
        parts = found["properties"].items()
        found["properties"] = {name: _written(part) if isinstance(part, Mapping) else part for name, part in parts}
    return found


def _without_example(swagger: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in swagger.items() if key != "example"}
