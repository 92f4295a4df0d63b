import http.client
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests.server.serving import Running
from workbench.server.openapi import describe
from workbench.server.server import Endpoints, routes
from workbench.server.service import Service
from workbench.server.validator import Limits

HERE = Path(__file__).parent
KINDS = (HERE / "schemas" / "kinds.json").read_bytes()
KINDS_SCRIPT = HERE / "scripts" / "kinds.py"
ROW = {"age": 31, "visits": None, "paid": 9.5, "ratio": 0.5, "state": "WA", "note": "", "member": True}
TENSORS = {
    "inputs": [
        {"name": "age", "shape": [1], "datatype": "INT64", "data": [31]},
        {"name": "visits", "shape": [1], "datatype": "INT64", "data": [None]},
        {"name": "paid", "shape": [1], "datatype": "FP64", "data": [9.5]},
        {"name": "ratio", "shape": [1], "datatype": "FP64", "data": [0.5]},
        {"name": "state", "shape": [1], "datatype": "BYTES", "data": ["WA"]},
        {"name": "note", "shape": [1], "datatype": "BYTES", "data": [""]},
        {"name": "member", "shape": [1], "datatype": "BOOL", "data": [True]},
    ]
}


@pytest.fixture
def kinds(make_folder: Callable[..., Path], load_folder: Callable[..., Service]) -> Service:
    return load_folder(make_folder(KINDS_SCRIPT, KINDS), Limits(rows=5, text=9))


@pytest.fixture(scope="module")
def running(start_shared: Callable[..., Running]) -> Running:
    return start_shared(KINDS_SCRIPT, KINDS, max_body_bytes=5000, body_seconds=1)


def test_the_document_is_valid(kinds: Service) -> None:
    OpenAPIV31SpecValidator(describe(kinds)).validate()


@pytest.mark.parametrize("document", [None, {"input": {}}, {"input": {"any": {"swagger": {"type": "file"}}}}])
def test_the_document_is_valid_whatever_the_schema_is(
    document: object, make_folder: Callable[..., Path], load_folder: Callable[..., Service], tmp_path: Path
) -> None:
    script = tmp_path / "score.py"
    taken = "body" if document is None else ", ".join(document["input"])  # type: ignore[index] # it is a dict here
    script.write_text(f"def init(): pass\ndef run({taken}): pass\n")
    service = load_folder(make_folder(script, document and json.dumps(document).encode()))
    OpenAPIV31SpecValidator(describe(service)).validate()


def test_every_route_is_in_it_and_nothing_else(kinds: Service) -> None:
    paths = describe(kinds)["paths"]
    told = {(method.upper(), path) for path, item in paths.items() for method in item if method != "parameters"}
    there = {(route.method, route.template) for route in routes(Endpoints.__new__(Endpoints))}
    assert told == there


def test_what_needs_no_key_says_so(kinds: Service) -> None:
    document = describe(kinds)
    assert document["security"] == [{"Bearer": []}]
    for route in routes(Endpoints.__new__(Endpoints)):
        operation = document["paths"][route.template][route.method.lower()]
        assert (operation.get("security") == []) is route.open
        assert ("401" in operation["responses"]) is not route.open


def test_the_input_is_what_the_judge_takes(kinds: Service) -> None:
    body = describe(kinds)["components"]["schemas"]["ServiceInput"]
    assert (body["required"], body["additionalProperties"]) == (["input_df"], False)
    table = body["properties"]["input_df"]
    assert (table["type"], table["maxItems"]) == ("array", 5)
    assert table["items"]["required"] == ["age", "visits", "paid", "ratio", "state", "note", "member"]
    assert table["items"]["additionalProperties"] is False
    assert table["items"]["properties"] == {
        "age": {"type": "integer", "format": "int64", "minimum": 18, "maximum": 120},
        "visits": {"type": ["integer", "null"], "format": "int64", "minimum": -(2**63), "maximum": 2**63 - 1},
        "paid": {"type": "number", "format": "double", "minimum": 0.0},
        "ratio": {"type": ["number", "null"], "format": "double", "minimum": -1.0, "maximum": 1.0},
        "state": {"type": ["string", "null"], "enum": ["CA", "TX", "WA", None]},
        "note": {"type": "string", "maxLength": 9},
        "member": {"type": "boolean"},
    }


def test_the_examples_fit_what_they_are_examples_of(kinds: Service) -> None:
    document = describe(kinds)
    for path, name in (("/score", "ServiceInput"), ("/v2/models/{name}/infer", "InferenceRequest")):
        example = document["paths"][path]["post"]["requestBody"]["content"]["application/json"]["example"]
        assert problems(document, name, example) == []
    assert kinds.infer(b"application/json", json.dumps(example).encode()).rows == 1


def test_nests_and_columns_of_old_files_are_told(
    make_folder: Callable[..., Path], load_folder: Callable[..., Service], tmp_path: Path
) -> None:
    matrix = {"type": "array", "items": {"type": "array", "items": {"type": "number", "x-nullable": True}}}
    old = {"type": "array", "items": {"type": "object", "properties": {"a": {"type": "string"}}}}
    document = {"input": {"m": {"type": 1, "swagger": matrix}, "df": {"type": 3, "swagger": old, "internal": "gASV"}}}
    script = tmp_path / "score.py"
    script.write_text("def init(): pass\ndef run(m, df): pass\n")
    service = load_folder(make_folder(script, json.dumps(document).encode()))
    body = describe(service)["components"]["schemas"]["ServiceInput"]["properties"]
    number = {"type": ["number", "null"], "format": "double"}
    inner = {"type": "array", "items": number}
    assert body["m"] == {"type": "array", "items": inner, "maxItems": 10_000}
    assert body["df"]["items"]["properties"] == {"a": {"type": ["string", "null"], "maxLength": 10_000}}


def test_a_service_without_a_schema_takes_text(
    make_folder: Callable[..., Path], load_folder: Callable[..., Service]
) -> None:
    document = describe(load_folder(make_folder(HERE / "scripts" / "raw.py", None)))
    operation = document["paths"]["/score"]["post"]
    assert list(operation["requestBody"]["content"]) == ["text/plain"]
    assert document["components"]["schemas"]["ServiceInput"] == {"type": "string"}
    assert "415" not in operation["responses"]


@pytest.mark.parametrize("column", ["age", "visits", "paid", "ratio", "state", "note", "member"])
@pytest.mark.parametrize("value", [17, 18, 120, 121, 1.5, -1, 2**63, None, "WA", "NY", "0123456789", True, [], {}])
def test_the_document_and_the_judge_agree_on_every_value(column: str, value: Any, kinds: Service) -> None:
    body = {"input_df": [ROW | {column: value}]}
    fits = problems(describe(kinds), "ServiceInput", body) == []
    assert kinds.decoder is not None
    try:
        kinds.decoder.decode(json.dumps(body).encode())
        taken = True
    except Exception:  # noqa: BLE001 - whatever it is, it was not taken
        taken = False
    assert taken is fits


ASKED: list[tuple[str, str, str, bytes | None, dict[str, str], int]] = [
    ("GET", "/", "/", None, {}, 200),
    ("GET", "/healthz/live", "/healthz/live", None, {}, 200),
    ("GET", "/healthz/ready", "/healthz/ready", None, {}, 200),
    ("GET", "/swagger.json", "/swagger.json", None, {}, 200),
    ("GET", "/openapi.json", "/openapi.json", None, {}, 200),
    ("GET", "/metrics", "/metrics", None, {}, 200),
    ("GET", "/metrics", "/metrics", None, {"authorization": "Bearer wrong"}, 401),
    ("POST", "/score", "/score", json.dumps({"input_df": [ROW, ROW]}).encode(), {}, 200),
    ("POST", "/score", "/score", b"{}", {"authorization": ""}, 401),
    ("POST", "/score", "/score", b"{", {}, 400),
    ("POST", "/score", "/score", json.dumps({"input_df": [ROW | {"age": "old"}]}).encode(), {}, 400),
    ("POST", "/score", "/score", b"{", {"content-length": "9"}, 408),
    ("POST", "/score", "/score", b" " * 5001, {}, 413),
    ("POST", "/score", "/score", b"{}", {"content-type": "text/csv"}, 415),
    ("GET", "/v2", "/v2", None, {}, 200),
    ("GET", "/v2", "/v2", None, {"authorization": "Bearer wrong"}, 401),
    ("GET", "/v2/health/live", "/v2/health/live", None, {}, 200),
    ("GET", "/v2/health/ready", "/v2/health/ready", None, {}, 200),
    ("GET", "/v2/models/toy", "/v2/models/{name}", None, {}, 200),
    ("GET", "/v2/models/other", "/v2/models/{name}", None, {}, 404),
    ("GET", "/v2/models/toy/ready", "/v2/models/{name}/ready", None, {}, 200),
    ("POST", "/v2/models/toy/infer", "/v2/models/{name}/infer", json.dumps(TENSORS).encode(), {}, 200),
    ("POST", "/v2/models/toy/infer", "/v2/models/{name}/infer", b'{"inputs": [{"name": "age"}]}', {}, 400),
    ("GET", "/v2/models/toy/versions/7", "/v2/models/{name}/versions/{version}", None, {}, 200),
    ("GET", "/v2/models/toy/versions/8/ready", "/v2/models/{name}/versions/{version}/ready", None, {}, 404),
    (
        "POST",
        "/v2/models/toy/versions/7/infer",
        "/v2/models/{name}/versions/{version}/infer",
        json.dumps(TENSORS).encode(),
        {},
        200,
    ),
]


@pytest.mark.parametrize(("method", "path", "template", "body", "headers", "status"), ASKED)
def test_what_a_real_server_answers_fits_the_document(
    method: str,
    path: str,
    template: str,
    body: bytes | None,
    headers: dict[str, str],
    status: int,
    running: Running,
) -> None:
    document = json.loads(asked(running, "GET", "/openapi.json", None, {})[2])
    found, media_type, content = asked(running, method, path, body, headers)
    assert found == status
    told = document["paths"][template][method.lower()]["responses"][str(status)]["content"]
    assert list(told) == [media_type.partition(";")[0]]
    if media_type == "application/json":
        schema = told[media_type]["schema"]
        assert problems(document, schema.get("$ref", "").rpartition("/")[2], json.loads(content)) == []


def asked(
    running: Running, method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> tuple[int, str, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", running.port, timeout=10)
    connection.request(method, path, body, running.headers | headers)
    answer = connection.getresponse()
    content = answer.read()
    connection.close()
    return answer.status, answer.headers["content-type"], content


def problems(document: dict[str, Any], name: str, value: object) -> list[str]:
    """How a value does not fit one of the document's schemas."""
    if not name:
        return []
    schema = {"$ref": f"#/components/schemas/{name}", "components": document["components"]}
    return [error.message for error in Draft202012Validator(schema).iter_errors(value)]
