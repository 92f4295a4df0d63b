"""Ports for a new project's stacks: the usual ones, or the next that nothing on this machine listens on."""

import itertools
from dataclasses import dataclass

from model.ports import is_free

GATEWAY, REGISTRY = 8080, 5000


@dataclass(frozen=True)
class Ports:
    """Of two stacks, gateway and registry each."""

    staging_gateway: int
    prod_gateway: int
    staging_registry: int
    prod_registry: int


def given(gateway: int | None, registry: int | None) -> Ports:
    """As `free`, but for those that somebody chose; prod has the next."""
    gateways = (gateway, gateway + 1) if gateway else _two(GATEWAY)
    registries = (registry, registry + 1) if registry else _two(REGISTRY)
    return Ports(*gateways, *registries)


def _two(first: int) -> tuple[int, int]:
    return next((low, low + 1) for low in itertools.count(first, 2) if is_free(low) and is_free(low + 1))
