"""The login to a stack's own registry: made once, secret in the state, known to the registry by a hash alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider

USER = "workbench"
BYTES = 32
# The password has 256 random bits, which no number of rounds makes harder to guess; each request pays for them.
ROUNDS = 5


@dataclass(frozen=True)
class Login:
    """Who pushes and pulls, and the line that the registry knows that by."""

    user: str
    password: pulumi.Output[str]
    htpasswd: pulumi.Output[str]


class LoginProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        return CreateResult(props["user"], {**props, **_new()})

    def diff(self, _id: str, _olds: dict[str, Any], _news: dict[str, Any]) -> DiffResult:
        """Nothing that a later program proposes makes another login."""
        return DiffResult(changes=False)


class RegistryLogin(Resource, module="infra", name="RegistryLogin"):
    """A random password and its bcrypt hash, as a line of htpasswd; made by the update that creates it."""

    user: pulumi.Output[str]
    password: pulumi.Output[str]
    htpasswd: pulumi.Output[str]

    def __init__(self, name: str) -> None:
        secret = pulumi.ResourceOptions(additional_secret_outputs=["password"])
        super().__init__(LoginProvider(), name, {"user": USER, "password": None, "htpasswd": None}, secret)


def registry_login(name: str) -> Login:
    """Declare it. A preview knows its outputs once it is made."""
    made = RegistryLogin(name)
    return Login(USER, pulumi.Output.secret(made.password), pulumi.Output.unsecret(made.htpasswd))


def _new() -> dict[str, str]:
    import bcrypt

    password = secrets.token_urlsafe(BYTES)
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()
    return {"password": password, "htpasswd": f"{USER}:{hashed}"}
