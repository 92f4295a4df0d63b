"""All of this server in OpenAPI 3.1, for callers of today; those of the lab know `swagger`. Built once, at no request.

A request is described as strictly as it is judged. An answer is as the schema file tells it: the script makes it.
"""

from typing import Any, Final

from workbench.server import inference, json_schema, swagger
from workbench.server.errors import STATUS, Code, RequestError
from workbench.server.request import JSON, address
from workbench.server.schema import Schema
from workbench.server.service import Service
from workbench.server.tensor_inputs import inputs_of
from workbench.server.tensors import DATATYPES

TEXT: Final = "text/plain"
MODEL: Final = "/v2/models/{name}"
VERSION: Final = MODEL + "/versions/{version}"
TEXTS: Final = {"type": "string"}
KEYED: Final = (Code.UNAUTHORIZED, Code.KEYS_UNUSABLE, Code.INTERNAL)
COMPUTING: Final = (*KEYED, Code.BAD_JSON, Code.TIMEOUT, Code.TOO_LARGE, Code.NOT_READY)
DESCRIPTIONS: Final = {
    400: "The body is not JSON (`bad_json`), or not what the service takes (`bad_input`, with details)",
    401: "No key, or none of this service's",
    404: "No such model or version",
    408: "The body did not come in time",
    413: "The body is too large",
    415: "The body is not JSON in UTF-8",
    500: "The service failed; its log says why, by request id",
    503: "Starting, out of places, or without usable keys; `Retry-After` says when to come again",
}
HEADERS: Final[dict[int, dict[str, Any]]] = {
    401: {"WWW-Authenticate": {"schema": {"const": "Bearer"}}},
    503: {"Retry-After": {"description": "Seconds", "schema": TEXTS}},
}


def describe(service: Service) -> dict[str, Any]:
    """Describe a loaded service: every path of the server and every status it answers there."""
    models = ", ".join(f"{model.name} [Ver. {model.version}]" for model in service.manifest.models)
    about = (
        f"Scores with {models or 'no registered model'}. "
        "Any other path is 404 and any other method 405 (`Allow` names the right ones), both only with a key."
    )
    schemas = {
        "ServiceInput": json_schema.request_body(service.schema, service.limits) if service.schema else TEXTS,
        "ServiceOutput": json_schema.converted(swagger.service_output(service)),
        "ErrorResponse": swagger.ERROR,
        **_protocol(service),
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": service.name, "description": about, "version": "1.0"},
        "servers": [{"url": address(service.name)}],
        "security": [{"Bearer": []}],
        "paths": {
            "/": {"get": _health("ServiceHealthCheck", 503)},
            "/healthz/ready": {"get": _health("Ready", 503)},
            "/healthz/live": {"get": _health("Live")},
            "/swagger.json": {"get": _document("Swagger", "This service in Swagger 2.0")},
            "/openapi.json": {"get": _document("OpenApi", "This document")},
            "/metrics": {"get": _operation("Metrics", "For Prometheus", {200: _content(TEXTS, TEXT)}, KEYED)},
            "/score": {"post": _score(service)},
            **_protocol_paths(service),
        },
        "components": {
            "schemas": schemas,
            "securitySchemes": {
                "Bearer": {"type": "http", "scheme": "bearer", "description": "Either of the two keys"}
            },
            "parameters": {"RequestId": _request_id()},
        },
    }


def _score(service: Service) -> dict[str, Any]:
    examples = service.schema.examples() if service.schema else None
    media_type = JSON if service.schema else TEXT
    body = {"schema": _ref("ServiceInput")} | ({"example": examples} if examples else {})
    codes = (*COMPUTING, Code.UNSUPPORTED_MEDIA_TYPE) if service.schema else COMPUTING
    answers = {200: _content(_ref("ServiceOutput"))}
    operation = _operation("RunMLService", "Score the given input", answers, codes)
    return _stamped(operation, service) | _body({media_type: body}, required=service.schema is not None)


def _stamped(operation: dict[str, Any], service: Service) -> dict[str, Any]:
    """An operation whose answers say which model made them."""
    headers = {name: {"description": about, "schema": kind} for name, about, kind in swagger.model_headers(service)}
    operation["responses"]["200"] |= {"headers": headers} if headers else {}
    return operation


def _health(name: str, *failing: int) -> dict[str, Any]:
    answers = {status: _content(TEXTS, TEXT) for status in (200, *failing)}
    return _operation(name, "Whether the service takes requests", answers) | {"security": []}


def _document(name: str, summary: str) -> dict[str, Any]:
    answers = {200: _content({"type": "object"})}
    return _operation(name, summary, answers, (Code.NOT_READY, Code.INTERNAL)) | {"security": []}


def _protocol_paths(service: Service) -> dict[str, Any]:
    name, version = inference.identity(service)
    live, ready = _content(_ref("Live")), _content(_ref("Ready"))
    body = {"schema": _ref("InferenceRequest")} | _example_tensors(service.schema)
    metadata = {200: _content(_ref("ServerMetadata"))}
    return {
        "/v2": {"get": _v2("ServerMetadata", "The server", metadata)},
        "/v2/": {"get": _v2("ServerMetadataBelow", "The server, for clients that put the slash", metadata)},
        "/v2/health/live": {"get": _v2("ServerLive", "Whether it runs", {200: live}, ()) | {"security": []}},
        "/v2/health/ready": {
            "get": _v2("ServerReady", "Whether it scores", {200: ready, 503: ready}, ()) | {"security": []}
        },
        **_model_paths(service, MODEL, "Model", {"name": name}, body),
        **_model_paths(service, VERSION, "Version", {"name": name, "version": version}, body),
    }


def _model_paths(
    service: Service, path: str, prefix: str, parts: dict[str, str | None], body: dict[str, Any]
) -> dict[str, Any]:
    """What stands below a model; `parts` of the path have the one value that is there, if any is."""
    parameters = [
        {"name": part, "in": "path", "required": True, "schema": TEXTS | ({"enum": [value]} if value else {})}
        for part, value in parts.items()
    ]
    codes = (*KEYED, Code.NOT_READY, Code.NOT_FOUND)
    metadata, ready = _content(_ref("ModelMetadata")), _content(_ref("ModelReady"))
    failing = _content({"anyOf": [_ref("ModelReady"), _ref("ProtocolError")]})
    infer = _v2(
        f"{prefix}Infer",
        "Score tensors",
        {200: _content(_ref("InferenceResponse"))},
        (*COMPUTING, Code.NOT_FOUND, Code.UNSUPPORTED_MEDIA_TYPE),
    )
    return {
        path: {"parameters": parameters, "get": _v2(f"{prefix}Metadata", "Its tensors", {200: metadata}, codes)},
        f"{path}/ready": {
            "parameters": parameters,
            "get": _v2(f"{prefix}Ready", "Whether it scores", {200: ready, 503: failing}, codes),
        },
        f"{path}/infer": {
            "parameters": parameters,
            "post": _stamped(infer, service) | _body({JSON: body}),
        },
    }


def _protocol(service: Service) -> dict[str, Any]:
    """The objects of the Open Inference Protocol, as this service fills them."""
    try:
        named: dict[str, Any] = {"enum": [each.name for each in inputs_of(service.schema)]}
    except RequestError:
        named = TEXTS
    size, datatype = {"type": "integer", "minimum": -1}, {"enum": [*DATATYPES]}
    described = _object(name=TEXTS, datatype=datatype, shape=_list(size))
    tensor = _object(name=TEXTS, datatype=datatype, shape=_list(size), data=_list({}))
    given = _object(name=named, datatype=datatype, shape=_list(size | {"minimum": 0}), data=_list({}))
    optional = {"id": {"type": ["string", "null"]}, "parameters": {"type": "object"}}
    asked = {"type": ["array", "null"], "items": _object(name=TEXTS)}
    metadata = _object(name=TEXTS, platform=TEXTS, inputs=_list(described), outputs=_list(described))
    request, response = _object(inputs=_list(given)), _object(model_name=TEXTS, outputs=_list(tensor))
    return {
        "ProtocolError": _object(error=TEXTS),
        "Live": _object(live={"type": "boolean"}),
        "Ready": _object(ready={"type": "boolean"}),
        "ModelReady": _object(name=TEXTS, ready={"type": "boolean"}),
        "ServerMetadata": _object(name=TEXTS, version=TEXTS, extensions=_list(TEXTS)),
        "ModelMetadata": _with(metadata, versions=_list(TEXTS)),
        "InferenceRequest": _with(request, **optional, outputs=asked),
        "InferenceResponse": _with(response, model_version=TEXTS, id=TEXTS),
    }


def _example_tensors(schema: Schema | None) -> dict[str, Any]:
    """The example rows of a lone table as tensors; nothing for other services."""
    examples = schema.examples() if schema else None
    if schema is None or examples is None or len(schema.arguments) != 1 or not (columns := schema.arguments[0].columns):
        return {}
    rows = examples[schema.arguments[0].name]
    if not isinstance(rows, list) or not all(isinstance(row, dict) and row.keys() == columns.keys() for row in rows):
        return {}
    tensors = [
        each.describe() | {"shape": [len(rows)], "data": [row[each.name] for row in rows]} for each in inputs_of(schema)
    ]
    return {"example": {"inputs": tensors}}


def _v2(
    name: str, summary: str, answers: dict[int, dict[str, Any]], codes: tuple[Code, ...] = (*KEYED, Code.NOT_READY)
) -> dict[str, Any]:
    return _operation(name, summary, answers, codes, error="ProtocolError")


def _operation(
    name: str,
    summary: str,
    answers: dict[int, dict[str, Any]],
    codes: tuple[Code, ...] = (),
    error: str = "ErrorResponse",
) -> dict[str, Any]:
    """An operation with its own answers and the refusals by these codes."""
    refusals = {STATUS[code]: _content(_ref(error)) for code in codes}
    found = {
        str(status): {"description": DESCRIPTIONS.get(status, summary), "content": content}
        | ({"headers": HEADERS[status]} if status in HEADERS else {})
        for status, content in sorted((refusals | answers).items())
    }
    parameters = [{"$ref": "#/components/parameters/RequestId"}]
    return {"operationId": name, "summary": summary, "parameters": parameters, "responses": found}


def _request_id() -> dict[str, Any]:
    about = "1 to 64 of A-Z, a-z, 0-9, '.', '_' and '-' come back in the answer and stand in the log; else one is made"
    return {"name": "x-request-id", "in": "header", "description": about, "schema": TEXTS}


def _body(content: dict[str, Any], *, required: bool = True) -> dict[str, Any]:
    return {"requestBody": {"required": required, "content": content}}


def _content(schema: dict[str, Any], media_type: str = JSON) -> dict[str, Any]:
    return {media_type: {"schema": schema}}


def _object(**properties: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON Schema is JSON
    return {"type": "object", "required": [*properties], "properties": properties}


def _with(described: dict[str, Any], **optional: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    return described | {"properties": described["properties"] | optional}


def _list(items: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": items}


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/components/schemas/{name}"}
