"""Ports for a new project's stacks: the usual ones, or the next that nothing on this machine listens on."""

import itertools
from collections.abc import Collection
from dataclasses import dataclass

from workbench.core.ports import is_free
from workbench.projects.template import ProjectError

GATEWAY, REGISTRY = 8080, 5000


@dataclass(frozen=True)
class Ports:
    """Of two stacks, gateway and registry each."""

    staging_gateway: int
    prod_gateway: int
    staging_registry: int
    prod_registry: int


def given(gateway: int | None, registry: int | None) -> Ports:
    """The usual ones, or the next that are free, but for those that somebody chose; prod has the next.

    Raises ProjectError if one would be had twice.
    """
    gateways = (gateway, gateway + 1) if gateway else ()
    registries = (registry, registry + 1) if registry else ()
    if twice := sorted(set(gateways) & set(registries)):
        raise ProjectError(
            f"--gateway-port {gateway} and --registry-port {registry}: staging has these, prod the next ones, and "
            f"{twice[0]} would be had twice; name two that are 2 or more apart"
        )
    gateways = gateways or _two(GATEWAY, registries)
    return Ports(*gateways, *(registries or _two(REGISTRY, gateways)))


def _two(first: int, taken: Collection[int]) -> tuple[int, int]:
    pairs = ((low, low + 1) for low in itertools.count(first, 2))
    return next(pair for pair in pairs if not set(pair) & set(taken) and all(map(is_free, pair)))
