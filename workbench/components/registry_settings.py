"""A container registry that others run: its address, and how to log in. Checked here, read by settings.py."""

from __future__ import annotations

from dataclasses import dataclass

import pulumi

from workbench.components.errors import InfraError
from workbench.core import grammars


@dataclass(frozen=True, kw_only=True)
class RegistrySettings:
    """`address` is HOST[:PORT][/PATH]; images are pushed to ADDRESS/SERVICE."""

    address: str
    login: tuple[str, pulumi.Output[str]] | None


def parse_registry(
    where: str, address: str | None, user: str | None, password: pulumi.Output[str] | None
) -> RegistrySettings | None:
    """Check the three keys; None without an address. Raises InfraError."""
    if not address:
        if user or password:
            raise InfraError(f"{where}:registryUser or registryPassword is set without registryAddress; set that too")
        return None
    if not grammars.REGISTRY.fits(address):
        raise InfraError(f"{where}:registryAddress is {address!r}; it must be HOST[:PORT][/PATH], without https://")
    if bool(user) != (password is not None):
        raise InfraError(
            f"{where}:registryUser and registryPassword go together; set the password by "
            "`pulumi config set --secret registryPassword`"
        )
    return RegistrySettings(address=address, login=(user, password) if user and password is not None else None)
