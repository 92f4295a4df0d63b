import json
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from workbench.policies import envelope, promotion_file
from workbench.policies.errors import PolicyError
from workbench.policies.evidence import Evidence
from workbench.policies.settings import PolicySettings

EVIDENCE = Evidence(
    project="churn",
    service="churnpred",
    source="staging",
    target="prod",
    digest="sha256:" + "a" * 64,
    image="127.0.0.1:5000/churnpred@sha256:" + "a" * 64,
    manifest="sha256:" + "b" * 64,
    by="Ada",
    at="2026-11-25T10:00:00+00:00",
    passed={"tests": {"examples": "answered"}},
)
KEYS: list[Any] = [Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())]


def public(key: Any) -> str:
    return key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()  # type: ignore[no-any-return]  # any kind of key


def private(key: Any, passphrase: bytes = b"") -> bytes:
    kept = BestAvailableEncryption(passphrase) if passphrase else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, kept)  # type: ignore[no-any-return]  # any kind of key


@pytest.mark.parametrize("key", KEYS, ids=["Ed25519", "ECDSA P-256"])
def test_what_was_signed_is_read_with_its_key_alone(key: Any) -> None:
    sealed = envelope.seal(EVIDENCE.statement(), key)

    assert envelope.opened("here", sealed, envelope.public_key("key", public(key).encode())) == EVIDENCE.statement()
    for other in (Ed25519PrivateKey.generate(), ec.generate_private_key(ec.SECP256R1())):
        with pytest.raises(PolicyError, match="is not signed by the promotionKey"):
            envelope.opened("here", sealed, envelope.public_key("key", public(other).encode()))


def test_one_changed_word_is_noticed() -> None:
    key = KEYS[0]
    sealed = envelope.seal(EVIDENCE.statement(), key)
    changed = envelope.seal({**EVIDENCE.statement(), "predicateType": "another"}, None)

    with pytest.raises(PolicyError, match="or was changed since"):
        envelope.opened("here", {**sealed, "payload": changed["payload"]}, key.public_key())


@pytest.mark.parametrize("broken", [[], {}, {"payloadType": "text/plain"}, "text", None])
def test_what_is_no_envelope_is_told_in_one_line(broken: object) -> None:
    with pytest.raises(PolicyError, match="here: is no DSSE envelope"):
        envelope.opened("here", broken)


def test_keys_of_other_kinds_and_texts_that_are_none_are_refused() -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)

    for pem in (private(other), b"nonsense"):
        with pytest.raises(PolicyError, match="Ed25519 or ECDSA P-256"):
            envelope.private_key("key.pem", pem)
    with pytest.raises(PolicyError, match="is not a public key"):
        envelope.public_key("key.pub", b"nonsense")


def test_a_key_with_a_passphrase_asks_for_it() -> None:
    sealed = private(KEYS[0], b"open sesame")

    with pytest.raises(TypeError):
        envelope.private_key("key.pem", sealed)
    with pytest.raises(PolicyError, match="cannot be read with this passphrase"):
        envelope.private_key("key.pem", sealed, b"wrong")
    assert public(envelope.private_key("key.pem", sealed, b"open sesame")) == public(KEYS[0])


def _read(project: Path, content: object, **settings: Any) -> tuple[Evidence | None, str | None]:
    path = promotion_file.path(project, "prod", "churnpred")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content))
    return promotion_file.read(project, "prod", "churnpred", PolicySettings(**settings))


def test_a_projects_evidence_is_believed_as_far_as_the_stack_demands(tmp_path: Path) -> None:
    key = KEYS[0]
    (tmp_path / "key.pub").write_text(public(key))
    signed, plain = (envelope.seal(EVIDENCE.statement(), each) for each in (key, None))

    for demanded in ("key.pub", public(key)):
        assert _read(tmp_path, signed, promotion_key=demanded) == (EVIDENCE, None)
        _, unsigned = _read(tmp_path, plain, promotion_key=demanded)
        assert unsigned is not None
        assert "is not signed" in unsigned
    assert _read(tmp_path, plain) == (EVIDENCE, None)
    assert promotion_file.read(tmp_path, "prod", "another", PolicySettings()) == (None, None)
    assert promotion_file.read(tmp_path, "prod", "another", PolicySettings(promotion_key="key.pub"))[1] is not None


def test_a_statement_of_another_kind_and_a_key_that_is_away_are_told(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match="is no evidence of a promotion"):
        _read(tmp_path, envelope.seal({"_type": "x", "predicateType": "y"}, None))
    with pytest.raises(PolicyError, match=r"promotionKey 'away\.pub': cannot be read"):
        _read(tmp_path, envelope.seal(EVIDENCE.statement(), None), promotion_key="away.pub")
