"""Kubeconfig files: who comes to the API server with which certificate. JSON, which every reader of YAML reads."""

from __future__ import annotations

import base64
import json
from typing import TYPE_CHECKING

from workbench.toolchain.cache import write_atomically

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.toolchain.cluster.layout import Layout

CONTEXT = "workbench"


def write_kubeconfig(here: Layout, target: Path, certificates: Path, user: str, port: int) -> None:
    """Write it for this user's eyes, with the certificate's key inside."""
    client = {
        "client-certificate-data": _base64(certificates / f"{user}.crt"),
        "client-key-data": _base64(certificates / f"{user}.key"),
    }
    server = {
        "server": f"https://{here.address}:{port}",
        "certificate-authority-data": _base64(here.authority),
    }
    document = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": CONTEXT, "cluster": server}],
        "users": [{"name": user, "user": client}],
        "contexts": [{"name": CONTEXT, "context": {"cluster": CONTEXT, "user": user}}],
        "current-context": CONTEXT,
    }
    write_atomically(target, json.dumps(document, indent=2) + "\n", mode=0o600)


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()
