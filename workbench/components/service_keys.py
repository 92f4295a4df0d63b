"""A service's two keys, as a dynamic resource: secret in the state, known to containers by digests alone.

Each has a generation: another number makes that key anew, and the other one stays.
"""

from __future__ import annotations

import hashlib
import secrets
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from workbench.components import key_files, provider_code

KEY_BYTES = 32
FIXED = ("stack", "service")
GENERATIONS = "generations"


class KeysProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        made = _made(props, {name: secrets.token_urlsafe(KEY_BYTES) for name in key_files.NAMES})
        return CreateResult(f"{props['stack']}/{props['service']}", made)

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Make anew the keys whose generation changed."""
        turned = _turned(olds, news)
        keys = {name: secrets.token_urlsafe(KEY_BYTES) if name in turned else olds[name] for name in key_files.NAMES}
        return UpdateResult(_made(news, keys))

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        key_files.delete(props["stack"], props["service"], _keys(props))

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        fixed = [key for key in FIXED if olds.get(key) != news[key]]
        changed = bool(fixed or _turned(olds, news)) or provider_code.has_moved(olds, news)
        return DiffResult(changes=changed, replaces=fixed)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        key_files.write(props["stack"], props["service"], _keys(props))
        return ReadResult(id_, props)


class ServiceKeys(Resource, module="infra", name="ServiceKeys"):
    """Two random keys of 256 bits and their SHA-256 digests (64 hex digits each).

    The caller's copies lie 0600 in the home of whoever runs `pulumi up`, which writes what is missing there from the
    state, as `pulumi refresh` does.
    """

    primary: pulumi.Output[str]
    secondary: pulumi.Output[str]
    digests: pulumi.Output[dict[str, str]]

    def __init__(
        self, name: str, stack: str, service: str, generations: dict[str, int], opts: pulumi.ResourceOptions
    ) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=list(key_files.NAMES))
        outputs = dict.fromkeys((*key_files.NAMES, "digests"))
        props = {"stack": stack, "service": service, GENERATIONS: generations, **outputs}
        super().__init__(KeysProvider(), name, props, pulumi.ResourceOptions.merge(opts, secret))
        if not pulumi.runtime.is_dry_run():
            held = pulumi.Output.all(**{name: getattr(self, name) for name in key_files.NAMES})
            held.apply(lambda keys: key_files.write(stack, service, keys))


def _turned(olds: dict[str, Any], news: dict[str, Any]) -> list[str]:
    """Names of the keys whose generation is another; a state from before there were any has the first."""
    return [name for name in key_files.NAMES if olds.get(GENERATIONS, {}).get(name, 1) != news[GENERATIONS][name]]


def _keys(props: dict[str, Any]) -> dict[str, str]:
    return {name: props[name] for name in key_files.NAMES}


def _made(props: dict[str, Any], keys: dict[str, str]) -> dict[str, Any]:
    digests = {name: hashlib.sha256(key.encode()).hexdigest() for name, key in keys.items()}
    return {**props, **keys, "digests": digests}
