"""JSON as strictly as it is written down: no key twice, no NaN, no broken text, nothing nested beyond reason.

Slower than a plain decoder, since it looks at everything: `decoder` answers for what needs no second look.
"""

import json
import math
import re
from typing import Any, Final, NoReturn

import orjson

from workbench.server.errors import Code, RequestError

DEEPEST: Final = 32
# Each takes 100 to 250 bytes of memory for as few as 3 in the body.
MOST_CONTAINERS: Final = 250_000
LONGEST_ECHO: Final = 64
TEXT: Final = re.compile(rb'"(?:[^"\\]++|\\.)*+"?', re.DOTALL)


def decode(body: bytes) -> Any:  # noqa: ANN401 - JSON is anything
    """Decode one JSON value; raises RequestError (400) saying what is wrong with it."""
    if _containers(body) > MOST_CONTAINERS and _containers(TEXT.sub(b"", body)) > MOST_CONTAINERS:
        raise _refuse(f"the body holds more than {MOST_CONTAINERS} objects and lists; send fewer at once")
    try:
        orjson.loads(body)  # strict in grammar, UTF-8 and surrogates, and its messages name line and column
        decoded = json.loads(body, object_pairs_hook=_once_each, parse_constant=_no_constant)
    except orjson.JSONDecodeError as error:
        raise _refuse(f"the body is not JSON: {error}") from None
    except RecursionError:
        raise _refuse(f"the body is nested more than {DEEPEST} deep") from None
    except UnicodeDecodeError:
        raise _refuse("the body is not UTF-8") from None
    except ValueError:
        raise _refuse("a number in the body has thousands of digits") from None
    _check_depth(decoded)
    return decoded


def _containers(body: bytes) -> int:
    return body.count(b"{") + body.count(b"[")


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        seen: set[str] = set()
        twice = next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value] # add() returns None, which is the point
        raise _refuse(f"the key {twice[:LONGEST_ECHO]!r} stands twice in one object")
    return found


def _no_constant(name: str) -> NoReturn:
    raise _refuse(f"the body is not JSON: {name} is no JSON number")


def _check_depth(decoded: object) -> None:
    level = [decoded]
    for _ in range(DEEPEST + 1):
        inner: list[object] = []
        for value in level:
            if isinstance(value, dict):
                inner.extend(value.values())
            elif isinstance(value, list):
                inner.extend(value)
            elif isinstance(value, float) and not math.isfinite(value):
                raise _refuse("a number in the body is too large for a double")
        if not inner:
            return
        level = inner
    raise _refuse(f"the body is nested more than {DEEPEST} deep")


def _refuse(message: str) -> RequestError:
    return RequestError(Code.BAD_JSON, message)
