"""The docker provider that all of a stack's docker resources share, with the login to the stack's own registry."""

from __future__ import annotations

import pulumi_docker as docker

from workbench.components.engines.docker.local_registry import LOOPBACK
from workbench.components.registry_login import Login, registry_login
from workbench.components.served import Served
from workbench.components.settings import Settings


def own_login(stack: Settings, served: Served) -> Login | None:
    """Declare the login to the stack's own registry; None where others run it."""
    return None if stack.registry else registry_login("registry-login", stack.stack, served.login)


def docker_provider(stack: Settings, login: Login | None) -> docker.Provider:
    """Declare the provider. An image that the engine no longer has is pulled by this login."""
    if login is None:
        return docker.Provider("engine")
    entry = docker.ProviderRegistryAuthArgs(
        address=f"{LOOPBACK}:{stack.registry_port}", username=login.user, password=login.password
    )
    return docker.Provider("engine", registry_auth=[entry])
