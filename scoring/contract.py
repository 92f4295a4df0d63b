"""What goes over the wire at /score: the content type of a request, writing a result and an error.

What a body may hold is in `decoder`, the words and statuses of refusals in `errors`.
"""

from dataclasses import asdict
from typing import Any, Final, TypeGuard

import orjson

from scoring.artifact import Model
from scoring.errors import Code, RequestError
from scoring.exchange import JSON

PLAIN: Final = frozenset({b"application/json", b"application/json; charset=utf-8", b"application/json;charset=utf-8"})


def read_raw(body: bytes) -> str:
    """Read the body as text, for a service without a schema; raises RequestError (400)."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise RequestError(Code.BAD_INPUT, f"the body is not UTF-8: byte {error.start} is wrong") from None


def check_content_type(given: bytes | None) -> None:
    """Raise RequestError (415) unless it is JSON in UTF-8."""
    if given in PLAIN:
        return
    text = (given or b"").decode("latin-1")
    media_type, _, parameters = text.lower().partition(";")
    charset = parameters.strip().partition("charset=")[2].strip('"')
    if media_type.strip() != JSON or charset not in ("", "utf-8"):
        shown = repr(text[:64]) if text else "missing"
        raise RequestError(Code.UNSUPPORTED_MEDIA_TYPE, f"the content type is {shown}; send {JSON} in UTF-8")


def write_result(result: object, rows: int | None, model: Model | None) -> bytes:
    """Write JSON of what `run` returned.

    A list with one dict for each of the request's `rows` says in every row which model answered; any other result
    goes out as it is. Raises TypeError for what JSON can't hold.
    """
    if model is not None and rows is not None and _one_dict_a_row(result, rows):
        stamp = {"model": model.name, "version": model.version}
        result = [row | stamp for row in result]
    return orjson.dumps(result, option=orjson.OPT_SERIALIZE_NUMPY)


def write_error(error: RequestError, request_id: str) -> bytes:
    """Write `{"error": {code, message, request_id}}`, with `details` where there are any."""
    content: dict[str, Any] = {"code": error.code, "message": str(error), "request_id": request_id}
    if error.details:
        content["details"] = [
            {key: value for key, value in asdict(detail).items() if value is not None} for detail in error.details
        ]
    return orjson.dumps({"error": content})


def _one_dict_a_row(result: object, rows: int) -> TypeGuard[list[dict[str, Any]]]:
    return isinstance(result, list) and len(result) == rows and set(map(type, result)) == {dict}
