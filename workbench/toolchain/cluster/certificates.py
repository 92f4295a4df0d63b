"""The cluster's own certificate authority and what it signs, by openssl. Made once; no key ever leaves its folder."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.toolchain.cache import place
from workbench.toolchain.cluster.layout import API_SERVICE, NODE_ADDRESS

if TYPE_CHECKING:
    from workbench.toolchain.cluster.node import Node
    from workbench.toolchain.process import Log

_DAYS = "3650"
_API_NAMES = ("kubernetes", "kubernetes.default", "kubernetes.default.svc", "kubernetes.default.svc.cluster.local")


@dataclass(frozen=True)
class Certificate:
    """One key and certificate; `names` are what a server is called (DNS:… or IP:…), none for a client."""

    name: str
    subject: str
    names: tuple[str, ...] = ()
    authority: str = "ca"


CERTIFICATES = (
    Certificate(
        "api",
        "/CN=kube-apiserver",
        (
            *(f"DNS:{name}" for name in _API_NAMES),
            "DNS:localhost",
            *(f"IP:{each}" for each in (API_SERVICE, NODE_ADDRESS, "127.0.0.1")),
        ),
    ),
    Certificate("api-to-kubelet", "/O=system:masters/CN=api-to-kubelet"),
    Certificate("admin", "/O=system:masters/CN=admin"),
    Certificate("manager", "/CN=system:kube-controller-manager"),
    Certificate("scheduler", "/CN=system:kube-scheduler"),
    Certificate("proxy", "/CN=system:kube-proxy"),
    # The API server shows this one to servers that extend the API; they trust another authority than everybody.
    Certificate("front", "/CN=front", (), "front-ca"),
)


def ensure_certificates(log: Log, folder: Path) -> bool:
    """Have all keys and certificates in `folder`, whole or not at all; return whether they were made."""
    if folder.is_dir():
        return False
    place(folder, lambda partial: _make(log, partial))
    return True


def ensure_node_certificates(log: Log, node: Node) -> None:
    """Have what a node shows to the API server, and what it shows to who asks it."""
    client = Certificate("kubelet", f"/O=system:nodes/CN=system:node:{node.name}")
    server = Certificate("kubelet-server", f"/CN={node.name}", (f"DNS:{node.name}", f"IP:{node.address}"))

    def make(folder: Path) -> None:
        folder.mkdir(mode=0o700)
        for certificate in (client, server):
            _sign(log, folder, certificate, node.certificates.parent)

    if not node.certificates.is_dir():
        place(node.certificates, make)


def _make(log: Log, folder: Path) -> None:
    folder.mkdir(mode=0o700)
    for authority in ("ca", "front-ca"):
        key = folder / f"{authority}.key"
        _key(log, key)
        usage = "keyUsage=critical,keyCertSign,cRLSign,digitalSignature"
        request = ["-x509", "-days", _DAYS, "-subj", f"/CN=workbench-{authority}", "-addext", usage]
        log.run(
            ["openssl", "req", "-new", "-key", folder / f"{authority}.key", *request, "-out", _crt(folder, authority)]
        )
    log.run(["openssl", "genrsa", "-out", folder / "accounts.key", "2048"])
    log.run(["openssl", "rsa", "-in", folder / "accounts.key", "-pubout", "-out", folder / "accounts.pub"])
    for certificate in CERTIFICATES:
        _sign(log, folder, certificate, folder)


def _sign(log: Log, folder: Path, wanted: Certificate, authorities: Path) -> None:
    key = folder / f"{wanted.name}.key"
    _key(log, key)
    usage = "serverAuth" if wanted.names else "clientAuth"
    lines = ["keyUsage=critical,digitalSignature", f"extendedKeyUsage={usage}"]
    lines += [f"subjectAltName={','.join(wanted.names)}"] if wanted.names else []
    with tempfile.TemporaryDirectory(dir=folder) as name:
        request, extensions = Path(name) / "request", Path(name) / "extensions"
        extensions.write_text("\n".join(lines) + "\n", encoding="utf-8")
        log.run(["openssl", "req", "-new", "-key", key, "-subj", wanted.subject, "-out", request])
        authority = ["-CA", f"{_crt(authorities, wanted.authority)}", "-CAkey", f"{authorities / wanted.authority}.key"]
        serial = ["-CAserial", f"{name}/serial", "-CAcreateserial"]
        how = ["-days", _DAYS, "-extfile", f"{extensions}", "-out", f"{_crt(folder, wanted.name)}"]
        log.run(["openssl", "x509", "-req", "-in", request, *authority, *serial, *how])


def _key(log: Log, path: Path) -> None:
    log.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", path])


def _crt(folder: Path, name: str) -> Path:
    return folder / f"{name}.crt"
