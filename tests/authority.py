"""A certificate authority of a test's own, and one server's certificate that it signed."""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Issued:
    """Files in PEM: who trusts `authority` trusts the server that has `certificate` and `key`."""

    authority: Path
    certificate: Path
    key: Path


def issue(folder: Path, name: str) -> Issued:
    """Make both for the server `name`, a DNS name or an address, from yesterday to tomorrow."""
    signer, own = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    known = x509.DNSName(name) if not name[-1].isdigit() else x509.IPAddress(ipaddress.ip_address(name))
    authority = _signed("tests", signer, signer, x509.BasicConstraints(ca=True, path_length=0))
    certificate = _signed(name, own, signer, x509.SubjectAlternativeName([known]))
    private = own.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    made = Issued(folder / "authority.pem", folder / "server.pem", folder / "server.key")
    made.authority.write_bytes(authority.public_bytes(Encoding.PEM))
    made.certificate.write_bytes(certificate.public_bytes(Encoding.PEM))
    made.key.write_bytes(private)
    return made


def _signed(
    name: str, own: ec.EllipticCurvePrivateKey, signer: ec.EllipticCurvePrivateKey, what: x509.ExtensionType
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(_name(name))
        .issuer_name(_name("tests"))
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - _DAY)
        .not_valid_after(now + _DAY)
        .add_extension(what, critical=isinstance(what, x509.BasicConstraints))
        .sign(signer, hashes.SHA256())
    )


def _name(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
