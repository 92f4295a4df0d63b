"""Every way this server says no: at the start (the process ends) and to a request (a code and its status).

It does not log and does not render: `__main__` and `edge` do, each once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Code(StrEnum):
    """The word a caller can branch on; `STATUS` holds its HTTP status."""

    BAD_JSON = "bad_json"
    BAD_INPUT = "bad_input"
    UNAUTHORIZED = "unauthorized"
    NOT_FOUND = "not_found"
    METHOD_NOT_ALLOWED = "method_not_allowed"
    TIMEOUT = "timeout"
    TOO_LARGE = "too_large"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type"
    INTERNAL = "internal"
    NOT_READY = "not_ready"
    OVERLOADED = "overloaded"
    KEYS_UNUSABLE = "keys_unusable"


STATUS: Final = {
    Code.BAD_JSON: 400,
    Code.BAD_INPUT: 400,
    Code.UNAUTHORIZED: 401,
    Code.NOT_FOUND: 404,
    Code.METHOD_NOT_ALLOWED: 405,
    Code.TIMEOUT: 408,
    Code.TOO_LARGE: 413,
    Code.UNSUPPORTED_MEDIA_TYPE: 415,
    Code.INTERNAL: 500,
    Code.NOT_READY: 503,
    Code.OVERLOADED: 503,
    Code.KEYS_UNUSABLE: 503,
}


@dataclass(frozen=True, slots=True)
class Detail:
    """One cell, column or argument that breaks a rule; rows count from 0, `value` is what was sent, cut short."""

    rule: str
    message: str
    row: int | None = None
    column: str | None = None
    value: str | None = None


class ScoringError(Exception):
    """The root of this package's errors; the message is one line."""


class StartError(ScoringError):
    """The server can't start: a setting, an artifact or the score script is at fault."""


class ScriptError(StartError):
    """The score script itself failed to start: its traceback, by the cause, is worth a reader's time."""


class RunError(ScoringError):
    """`run` raised on a request; what it raised is the cause."""


class RequestError(ScoringError):
    """One request is refused; the caller sees the code, the message and the details."""

    def __init__(
        self, code: Code, message: str, headers: dict[str, str] | None = None, details: Sequence[Detail] = ()
    ) -> None:
        super().__init__(message)
        self.code = code
        self.headers = headers or {}
        self.details = tuple(details)

    @property
    def status(self) -> int:
        return STATUS[self.code]
