"""The login to a stack's own registry: made once, secret in the state, known to the registry by a hash alone."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, Resource, ResourceProvider, UpdateResult

from workbench.components import login_proposal, provider_code

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
        return CreateResult(props["user"], props)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return DiffResult(changes=provider_code.has_moved(olds, news))

    def update(self, _id: str, olds: dict[str, Any], _news: dict[str, Any]) -> UpdateResult:
        """Keep the login."""
        return UpdateResult({key: value for key, value in olds.items() if not key.startswith("__")})


class RegistryLogin(Resource, module="infra", name="RegistryLogin"):
    """Keeps what it was made with: whatever later programs propose is ignored."""

    user: pulumi.Output[str]
    password: pulumi.Output[str]
    htpasswd: pulumi.Output[str]

    def __init__(self, name: str, password: str, htpasswd: str) -> None:
        props = {"user": USER, "password": pulumi.Output.secret(password), "htpasswd": htpasswd}
        kept = pulumi.ResourceOptions(ignore_changes=list(props), additional_secret_outputs=["password"])
        super().__init__(LoginProvider(), name, props, kept)


def registry_login(name: str, stack: str, known: dict[str, str] | None) -> Login:
    """Declare it. `known` is what the state has: a preview knows all of it, and no hash is made in vain."""
    if known and not pulumi.runtime.is_dry_run():
        login_proposal.forget(stack)
    made = RegistryLogin(name, **(known or login_proposal.proposed(stack, _new)))
    return Login(USER, made.password, pulumi.Output.unsecret(made.htpasswd))


def _new() -> dict[str, str]:
    import bcrypt

    password = secrets.token_urlsafe(BYTES)
    hashed = bcrypt.hashpw(password.encode(), bcrypt.gensalt(ROUNDS)).decode()
    return {"password": password, "htpasswd": f"{USER}:{hashed}"}
