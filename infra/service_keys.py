"""A service's two keys, as a dynamic resource: made once, secret in the state, known to containers by digests alone."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider

from infra import key_files

KEY_BYTES = 32
FIXED = ("stack", "service")


class KeysProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        keys = {name: secrets.token_urlsafe(KEY_BYTES) for name in key_files.NAMES}
        digests = {name: hashlib.sha256(key.encode()).hexdigest() for name, key in keys.items()}
        key_files.write(props["stack"], props["service"], keys)
        return CreateResult(f"{props['stack']}/{props['service']}", {**props, **keys, "digests": digests})

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        key_files.delete(props["stack"], props["service"])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        changed = [key for key in FIXED if olds.get(key) != news[key]]
        return DiffResult(changes=bool(changed), replaces=changed)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        key_files.write(props["stack"], props["service"], {name: props[name] for name in key_files.NAMES})
        return ReadResult(id_, props)


class ServiceKeys(Resource, module="infra", name="ServiceKeys"):
    """Two random keys of 256 bits and their SHA-256 digests (64 hex digits each).

    The caller's copies lie 0600 in the home of whoever made them; `pulumi refresh` writes them again from the state.
    """

    primary: pulumi.Output[str]
    secondary: pulumi.Output[str]
    digests: pulumi.Output[dict[str, str]]

    def __init__(self, name: str, stack: str, service: str, opts: pulumi.ResourceOptions) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=list(key_files.NAMES))
        outputs = dict.fromkeys((*key_files.NAMES, "digests"))
        props = {"stack": stack, "service": service, **outputs}
        super().__init__(KeysProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))
