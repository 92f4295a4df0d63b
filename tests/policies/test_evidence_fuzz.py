"""Whatever lies in an evidence file, it is refused in one line, or it is what the key signed, to the byte."""

from __future__ import annotations

import base64
import json
import os
import random
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.policies.test_promotion_matrix import KEYS, TRUE
from workbench.policies import envelope, evidence, promotion_file
from workbench.policies.errors import PolicyError
from workbench.policies.settings import PolicySettings

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "300"))
BUDGET = settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
PUBLIC = {
    name: key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    for name, key in KEYS.items()
}
SEALED = {name: envelope.seal(TRUE.statement(), key) for name, key in KEYS.items()}
TEXTS = st.text(st.characters(exclude_categories=()), max_size=40)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | TEXTS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)
PARTS = ("payloadType", "payload", "signatures")


def outcome(project: Path, content: bytes, key: str) -> bool:
    """Whether the stack believes it. Fails when it is told in anything but one line that can be printed."""
    path = promotion_file.path(project, "prod", "churnpred")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    try:
        found, unsigned = promotion_file.demanded(
            project, "prod", "churnpred", PolicySettings(promotion_key=PUBLIC[key])
        )
    except PolicyError as error:
        unsigned = str(error)
    else:
        if unsigned is None:
            assert found == TRUE
            return True
    assert len(unsigned.splitlines()) == 1
    unsigned.encode()
    return False


def is_true(content: bytes, key: str) -> bool:
    """Whether the file holds the payload that was signed, and a signature of it, to the byte."""
    try:
        told = json.loads(content)
        parts = [told["payloadType"], told["payload"], *(each["sig"] for each in told["signatures"])]
    except Exception:  # noqa: BLE001 - any text at all
        return False
    signed = [envelope.PAYLOAD_TYPE, SEALED[key]["payload"]]
    return parts[:2] == signed and SEALED[key]["signatures"][0]["sig"] in parts[2:]


def never_more_than_true(project: Path, content: bytes, key: str) -> None:
    assert outcome(project, content, key) <= is_true(content, key)


@BUDGET
@given(content=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes_and_any_json_are_refused_in_one_line(tmp_path: Path, content: bytes) -> None:
    never_more_than_true(tmp_path, content, "Ed25519")


@BUDGET
@given(key=st.sampled_from(sorted(KEYS)), seed=st.integers(0, 2**32), cuts=st.integers(1, 4))
def test_a_file_with_changed_bytes_is_refused_or_still_what_was_signed(
    tmp_path: Path, key: str, seed: int, cuts: int
) -> None:
    chance, content = random.Random(seed), bytearray(json.dumps(SEALED[key]).encode())  # noqa: S311 - no secret
    for _ in range(cuts):
        place = chance.randrange(len(content))
        content[place : place + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
    never_more_than_true(tmp_path, bytes(content), key)


@BUDGET
@given(
    key=st.sampled_from(sorted(KEYS)),
    changed=st.dictionaries(st.sampled_from(PARTS), JSON, max_size=3),
    signature=st.none() | TEXTS | st.binary(max_size=80).map(lambda data: base64.b64encode(data).decode()),
)
def test_an_envelope_with_other_parts_is_refused_or_still_what_was_signed(
    tmp_path: Path, key: str, changed: dict[str, Any], signature: str | None
) -> None:
    sealed = {**SEALED[key], **changed}
    if signature is not None and "signatures" not in changed:
        sealed["signatures"] = [{"sig": signature}]
    never_more_than_true(tmp_path, json.dumps(sealed).encode(), key)


@BUDGET
@given(
    path=st.sampled_from(
        [("_type",), ("subject",), ("predicateType",), ("predicate",), ("subject", 0), ("subject", 0, "digest")]
        + [("predicate", key) for key in TRUE.statement()["predicate"]]
        + [("subject", 0, "name"), ("subject", 0, "digest", "sha256")]
    ),
    value=JSON,
)
def test_a_statement_that_the_key_signed_is_read_whole_or_refused_in_one_line(
    path: tuple[str | int, ...], value: Any
) -> None:
    statement: Any = json.loads(json.dumps(TRUE.statement()))
    inner = statement
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    try:
        found = evidence.read("here", json.loads(json.dumps(statement)))
    except PolicyError as error:
        told = str(error)
    else:
        told = f"{found.service} {found.source} {found.target} {found.digest} {found.manifest} {found.at} {found.by}"
    assert len(told.splitlines()) == 1
    told.encode()


@pytest.mark.parametrize("key", sorted(KEYS))
def test_what_was_signed_is_believed(tmp_path: Path, key: str) -> None:
    assert outcome(tmp_path, json.dumps(SEALED[key]).encode(), key)


@pytest.mark.parametrize("depth", [1_000, 200_000])
@pytest.mark.parametrize("opening", ["[", '{"payload":'])
def test_json_that_is_nested_deep_is_refused_in_one_line(tmp_path: Path, depth: int, opening: str) -> None:
    assert not outcome(tmp_path, opening.encode() * depth, "Ed25519")


def test_a_signed_payload_that_is_nested_deep_is_refused_in_one_line(tmp_path: Path) -> None:
    payload = b"[" * 100_000
    signature = KEYS["Ed25519"].sign(envelope._encoded(envelope.PAYLOAD_TYPE, payload))
    sealed = {
        "payloadType": envelope.PAYLOAD_TYPE,
        "payload": base64.b64encode(payload).decode(),
        "signatures": [{"sig": base64.b64encode(signature).decode()}],
    }

    assert not outcome(tmp_path, json.dumps(sealed).encode(), "Ed25519")


def test_another_spelling_of_the_same_signature_is_refused(tmp_path: Path) -> None:
    """64 bytes end in two base64 digits, of which the last holds four bits that mean nothing."""
    signature = SEALED["Ed25519"]["signatures"][0]["sig"]
    digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    other = signature[:-3] + digits[digits.index(signature[-3]) ^ 1] + "=="
    assert base64.b64decode(other) == base64.b64decode(signature)

    content = {**SEALED["Ed25519"], "signatures": [{"sig": other}]}

    assert not outcome(tmp_path, json.dumps(content).encode(), "Ed25519")


def test_a_file_that_is_larger_than_any_evidence_is_refused_before_it_is_read(tmp_path: Path) -> None:
    path = promotion_file.path(tmp_path, "prod", "churnpred")
    path.parent.mkdir(parents=True)
    with path.open("wb") as handle:
        handle.truncate(1 << 40)

    with pytest.raises(PolicyError, match="is larger than"):
        promotion_file.demanded(tmp_path, "prod", "churnpred", PolicySettings(promoted_from="staging"))


def test_a_file_that_is_none_is_refused_without_waiting_for_it(tmp_path: Path) -> None:
    path = promotion_file.path(tmp_path, "prod", "churnpred")
    path.parent.mkdir(parents=True)
    os.mkfifo(path)

    with pytest.raises(PolicyError, match="is no file"):
        promotion_file.demanded(tmp_path, "prod", "churnpred", PolicySettings(promoted_from="staging"))


@pytest.mark.parametrize(("stack", "service"), [("prod", "../../other"), ("..", "churnpred"), ("prod", "a\0b")])
def test_a_name_that_leads_out_of_the_projects_promotions_is_refused(tmp_path: Path, stack: str, service: str) -> None:
    with pytest.raises(PolicyError, match="can't name"):
        promotion_file.demanded(tmp_path, stack, service, PolicySettings(promoted_from="staging"))


@pytest.mark.parametrize("told", ["a\0b", ".", "\ud800", "-----BEGIN PUBLIC KEY-----\n", "-----BEGIN \ud800"])
def test_a_promotion_key_that_is_none_is_refused_in_one_line(tmp_path: Path, told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        promotion_file.key(tmp_path, told)

    assert len(str(caught.value).splitlines()) == 1
    str(caught.value).encode()
