"""What goes over the wire at /score: reading a request into arguments, writing a result and an error.

The schema's own rules are in `schema`, the words and statuses of refusals in `errors`.
"""

from typing import Any, Final, TypeGuard

import orjson

from scoring.artifact import Model
from scoring.errors import Code, RequestError
from scoring.schema import Schema

JSON: Final = "application/json"


def read_arguments(schema: Schema, content_type: str | None, body: bytes) -> dict[str, Any]:
    """Read the named arguments of `run`; raises RequestError (415, 400)."""
    check_content_type(content_type)
    try:
        decoded = orjson.loads(body)
    except orjson.JSONDecodeError as error:
        raise RequestError(Code.BAD_JSON, f"the body is not JSON: {error}") from None
    return schema.check(decoded)


def read_raw(body: bytes) -> str:
    """Read the body as text, for a service without a schema; raises RequestError (400)."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise RequestError(Code.BAD_INPUT, f"the body is not UTF-8: byte {error.start} is wrong") from None


def check_content_type(content_type: str | None) -> None:
    media_type, _, parameters = (content_type or "").lower().partition(";")
    charset = parameters.strip().partition("charset=")[2].strip('"')
    if media_type.strip() != JSON or charset not in ("", "utf-8"):
        given = repr(content_type[:64]) if content_type else "missing"
        raise RequestError(Code.UNSUPPORTED_MEDIA_TYPE, f"the content type is {given}; send {JSON} in UTF-8")


def write_result(result: object, rows: int | None, model: Model | None) -> bytes:
    """Write JSON of what `run` returned.

    A list with one dict for each of the request's `rows` says in every row which model answered; any other result
    goes out as it is. Raises TypeError for what JSON can't hold.
    """
    if model is not None and rows is not None and _one_dict_a_row(result, rows):
        result = [{**row, "model": model.name, "version": model.version} for row in result]
    return orjson.dumps(result, option=orjson.OPT_SERIALIZE_NUMPY)


def write_error(code: Code, message: str, request_id: str) -> bytes:
    return orjson.dumps({"error": {"code": code, "message": message, "request_id": request_id}})


def _one_dict_a_row(result: object, rows: int) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(result, list) and len(result) == rows and all(isinstance(row, dict) for row in result)
