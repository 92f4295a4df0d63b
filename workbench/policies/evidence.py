"""What a promotion puts on record: an in-toto statement about an image's digest. Pure; signing is the envelope's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from workbench.policies.errors import PolicyError

TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:churn-workbench:promotion:1"
_PREFIX = "sha256:"
_HEX = re.compile(r"[0-9a-f]{64}")
_TEXTS: Final = ("project", "from", "to", "image", "manifest", "by", "at")


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`digest` and `manifest` are `sha256:<64 hex>`; `passed` holds metrics, policies' results and tests as told.

    `at` is a time with its zone, as ISO 8601 writes it.
    """

    project: str
    service: str
    source: str
    target: str
    digest: str
    image: str
    manifest: str
    by: str
    at: str
    passed: Mapping[str, Any]

    def statement(self) -> dict[str, Any]:
        """As in-toto writes it."""
        return {
            "_type": TYPE,
            "subject": [{"name": self.service, "digest": {"sha256": self.digest.removeprefix(_PREFIX)}}],
            "predicateType": PREDICATE,
            "predicate": {
                "project": self.project,
                "from": self.source,
                "to": self.target,
                "image": self.image,
                "manifest": self.manifest,
                "by": self.by,
                "at": self.at,
                **self.passed,
            },
        }


def read(where: str, statement: object) -> Evidence:
    """Of a statement's JSON; `where` opens an error. Raises PolicyError when it is another kind of statement."""
    try:
        return _read(statement)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise PolicyError(f"{where}: is no evidence of a promotion ({error!r:.80}); run: workbench promote") from error


def is_older(at: str, other: str) -> bool:
    """Whether one promotion was before another, by their times."""
    return datetime.fromisoformat(at) < datetime.fromisoformat(other)


def _read(statement: Any) -> Evidence:  # noqa: ANN401 - any JSON value
    if (statement["_type"], statement["predicateType"]) != (TYPE, PREDICATE):
        raise ValueError(f"its type is {statement['predicateType']!r}")
    (subject,) = statement["subject"]
    told = {**statement["predicate"]}
    texts = {key: _text(key, told.pop(key)) for key in _TEXTS}
    if datetime.fromisoformat(texts["at"]).tzinfo is None:
        raise ValueError("its time has no zone")
    return Evidence(
        service=_text("name", subject["name"]),
        source=texts.pop("from"),
        target=texts.pop("to"),
        digest=_digest(_PREFIX + subject["digest"]["sha256"]),
        manifest=_digest(texts.pop("manifest")),
        passed=told,
        **texts,
    )


def _text(key: str, value: object) -> str:
    """A text of one line that can be printed anywhere."""
    if not isinstance(value, str) or not value.isprintable():
        raise TypeError(f"{key} is no text of one line")
    return value


def _digest(value: str) -> str:
    if not _HEX.fullmatch(value.removeprefix(_PREFIX)):
        raise ValueError("a digest is 64 hex digits")
    return value
