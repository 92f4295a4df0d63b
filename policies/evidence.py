"""What a promotion puts on record: an in-toto statement about an image's digest. Pure; signing is the envelope's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from policies.errors import PolicyError

TYPE: Final = "https://in-toto.io/Statement/v1"
PREDICATE: Final = "urn:churn-workbench:promotion:1"
_PREFIX = "sha256:"


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """`digest` and `manifest` are `sha256:<64 hex>`; `passed` holds metrics, policies' results and tests as told."""

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


def _read(statement: Any) -> Evidence:  # noqa: ANN401 - any JSON value
    if (statement["_type"], statement["predicateType"]) != (TYPE, PREDICATE):
        raise ValueError(f"its type is {statement['predicateType']!r}")
    (subject,) = statement["subject"]
    told = dict(statement["predicate"])
    texts = {key: told.pop(key) for key in ("from", "to", "image", "manifest", "by", "at")}
    if not all(isinstance(value, str) for value in (*texts.values(), subject["name"], subject["digest"]["sha256"])):
        raise TypeError("a text is expected")
    return Evidence(
        service=subject["name"],
        source=texts.pop("from"),
        target=texts.pop("to"),
        digest=_PREFIX + subject["digest"]["sha256"],
        passed=told,
        **texts,
    )
