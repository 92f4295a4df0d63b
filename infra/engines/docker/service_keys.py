"""A service's two keys, as a dynamic resource: made once, secret in the state, digests in the gateway's volume."""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider

from infra import key_files
from infra.engines.docker.gateway_agent import FIXED, ask, changes, engine

KEY_BYTES = 32


class KeysProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        keys = {name: secrets.token_urlsafe(KEY_BYTES) for name in key_files.NAMES}
        made = {**props, **keys}
        _put(made)
        return CreateResult(f"{props['gateway']}/{props['service']}", made)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        with engine() as client:
            ask(client, props["gateway"], "keys-delete", service=props["service"])
        key_files.delete(props["stack"], props["service"])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return changes(olds, {key: news[key] for key in (*FIXED, "stack")})

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        with engine() as client:
            found = ask(client, props["gateway"], "keys-get", service=props["service"])
        if found != _digests(props):
            _put(props)
        return ReadResult(id_, props)


class ServiceKeys(Resource, module="infra", name="ServiceKeys"):
    """Two random keys of 256 bits; the caller's copies lie 0600 in the home of whoever made them."""

    primary: pulumi.Output[str]
    secondary: pulumi.Output[str]

    def __init__(self, name: str, props: dict[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=list(key_files.NAMES))
        nothing_yet = dict.fromkeys(key_files.NAMES)
        super().__init__(KeysProvider(), name, {**props, **nothing_yet}, pulumi.ResourceOptions.merge(opts, secret))


def _put(props: dict[str, Any]) -> None:
    with engine() as client:
        ask(client, props["gateway"], "keys-put", service=props["service"], **_digests(props))
    key_files.write(props["stack"], props["service"], {name: props[name] for name in key_files.NAMES})


def _digests(keys: dict[str, Any]) -> dict[str, str]:
    return {name: hashlib.sha256(keys[name].encode()).hexdigest() for name in key_files.NAMES}
