"""The digests of a service's keys, on the volume that its containers mount read-only."""

from __future__ import annotations

import json
import re
from pathlib import Path

from workbench.gateway.backend import RouteError, backend_name

FOLDER = Path("/run/workbench/keys")
DIGEST = re.compile(r"[0-9a-f]{64}")


def put(service: str, primary: str, secondary: str) -> None:
    for digest in (primary, secondary):
        if not DIGEST.fullmatch(digest):
            raise RouteError(f"service {service}: a key's digest is 64 hex digits")
    target = _file(service)
    temporary = target.with_suffix(".new")
    temporary.write_text(json.dumps({"primary": primary, "secondary": secondary}) + "\n")
    temporary.replace(target)


def get(service: str) -> dict[str, str]:
    try:
        found: dict[str, str] = json.loads(_file(service).read_text())
    except FileNotFoundError:
        return {}
    return found


def delete(service: str) -> None:
    _file(service).unlink(missing_ok=True)


def _file(service: str) -> Path:
    backend_name(service)  # refuses what is no service's name
    return FOLDER / f"{service}.json"
