"""A signed statement: a DSSE envelope, as in-toto and cosign write it, signed by Ed25519 or ECDSA P-256. Reads no file.

DSSE is a dozen lines over `cryptography`; the library that has it insists on key ids, which cosign leaves empty.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from workbench.policies.errors import PolicyError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey, EllipticCurvePublicKey
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

    Private = Ed25519PrivateKey | EllipticCurvePrivateKey
    Public = Ed25519PublicKey | EllipticCurvePublicKey

PAYLOAD_TYPE: Final = "application/vnd.in-toto+json"
_KINDS = "an Ed25519 or ECDSA P-256 key in PEM, as `openssl genpkey -algorithm ed25519` makes it"
_CURVE = "secp256r1"


def seal(statement: Mapping[str, Any], key: Private | None) -> dict[str, Any]:
    """The envelope of a statement; without a key it is unsigned, which only stacks that demand none take."""
    payload = json.dumps(statement, sort_keys=True, separators=(",", ":")).encode()
    signatures = [] if key is None else [{"sig": _text(_sign(key, _encoded(PAYLOAD_TYPE, payload)))}]
    return {"payloadType": PAYLOAD_TYPE, "payload": _text(payload), "signatures": signatures}


def opened(where: str, envelope: object, key: Public | None = None) -> Any:  # noqa: ANN401 - any JSON value
    """The statement in an envelope, whose signature is checked when a key is given. Raises PolicyError, one line."""
    try:
        kind, payload, sealed = _parts(envelope)
        statement = json.loads(payload)
    except (KeyError, TypeError, ValueError, RecursionError) as error:
        raise PolicyError(f"{where}: is no DSSE envelope of an in-toto statement; run: workbench promote") from error
    if key is None:
        return statement
    if not sealed:
        raise PolicyError(f"{where}: is not signed")
    if not any(_holds(key, signature, _encoded(kind, payload)) for signature in sealed):
        raise PolicyError(f"{where}: is not signed by the promotionKey of this stack, or was changed since")
    return statement


def private_key(where: str, pem: bytes, passphrase: bytes | None = None) -> Private:
    """A key that signs. Raises PolicyError; TypeError when a passphrase is needed and there is none."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        key = load_pem_private_key(pem, passphrase)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PolicyError(f"{where}: cannot be read with this passphrase, or is not {_KINDS}") from error
    found: Private = _checked(where, key)
    return found


def public_key(where: str, pem: bytes) -> Public:
    """A key that verifies. Raises PolicyError."""
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        key = load_pem_public_key(pem)
    except (ValueError, UnsupportedAlgorithm) as error:
        raise PolicyError(f"{where}: is not a public key in PEM; make one: openssl pkey -pubout -in KEY") from error
    found: Public = _checked(where, key)
    return found


def _checked(where: str, key: Any) -> Any:  # noqa: ANN401 - one of the library's many kinds of keys
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519

    if isinstance(key, ed25519.Ed25519PrivateKey | ed25519.Ed25519PublicKey):
        return key
    if isinstance(key, ec.EllipticCurvePrivateKey | ec.EllipticCurvePublicKey) and key.curve.name == _CURVE:
        return key
    raise PolicyError(f"{where}: is of another kind; needed is {_KINDS}")


def _sign(key: Private, data: bytes) -> bytes:
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    return key.sign(data, ec.ECDSA(hashes.SHA256())) if isinstance(key, ec.EllipticCurvePrivateKey) else key.sign(data)


def _holds(key: Public, signature: bytes, data: bytes) -> bool:
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec

    try:
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, data, ec.ECDSA(hashes.SHA256()))
        else:
            key.verify(signature, data)
    except InvalidSignature:
        return False
    return True


def _parts(envelope: Any) -> tuple[str, bytes, list[bytes]]:  # noqa: ANN401 - any JSON value
    if envelope["payloadType"] != PAYLOAD_TYPE:
        raise ValueError(envelope["payloadType"])
    signatures = [_bytes(each["sig"]) for each in envelope["signatures"]]
    return envelope["payloadType"], _bytes(envelope["payload"]), signatures


def _encoded(kind: str, payload: bytes) -> bytes:
    """What is signed: DSSE's pre-authentication encoding."""
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind.encode(), len(payload), payload)


def _bytes(text: str) -> bytes:
    """What a text of base64 says; of its spellings only the one that encoding gives. Raises ValueError, TypeError."""
    data = base64.b64decode(text, validate=True)
    if _text(data) != text:
        raise ValueError("this base64 is spelt in another way than encoding spells it")
    return data


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
