"""What goes over the wire at /score: the content type of a request, writing a result and an error.

What a body may hold is in `decoder`, the words and statuses of refusals in `errors`.
"""

from dataclasses import asdict
from typing import Any, Final
from urllib.parse import quote

import numpy as np
import orjson

from workbench.server import answers
from workbench.server.artifact import Model
from workbench.server.errors import Code, RequestError
from workbench.server.request import JSON, Header

STAMP: Final = frozenset({"model", "version"})
MODEL_HEADER: Final = b"x-model"
VERSION_HEADER: Final = b"x-model-version"
# What is no list of rows, whatever is in it.
NO_ROWS: Final = frozenset({type(None), bool, int, float, str, dict, np.ndarray})

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

    Rows that are objects, one for each of the request's `rows`, also say which model answered, unless the script says
    `model` or `version` itself: what it said is what goes out. Raises TypeError, ValueError or RecursionError for what
    JSON can't hold.
    """
    if model is None or rows is None:
        return answers.encode(result)
    if type(result) in NO_ROWS:
        return answers.encode(result)
    if type(result) is list and (content := answers.encode_quickly(_stamped(result, rows, model))) is not None:
        return content
    return answers.encode(_stamped(answers.plain(result), rows, model))


def model_headers(model: Model | None) -> list[Header]:
    """Which model answered, where no answer of a script can stand."""
    if model is None:
        return []
    return [(MODEL_HEADER, quote(model.name).encode()), (VERSION_HEADER, b"%d" % model.version)]


def write_error(error: RequestError, request_id: str) -> bytes:
    """Write `{"error": {code, message, request_id}}`, with `details` where there are any."""
    content: dict[str, Any] = {"code": error.code, "message": str(error), "request_id": request_id}
    if error.details:
        content["details"] = [
            {key: value for key, value in asdict(detail).items() if value is not None} for detail in error.details
        ]
    return orjson.dumps({"error": content})


def _stamped(result: Any, rows: int, model: Model) -> Any:  # noqa: ANN401 - a script answers what it likes
    if not isinstance(result, list) or len(result) != rows or set(map(type, result)) != {dict}:
        return result
    if not all(map(STAMP.isdisjoint, result)):
        return result
    stamp = {"model": model.name, "version": model.version}
    return [row | stamp for row in result]
