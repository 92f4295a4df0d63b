"""What this stack serves now, by its state: also after an update that failed. Asks Pulumi, never the engine."""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pulumi

from workbench.components.engines.docker import identity
from workbench.components.engines.docker.identity import Identity
from workbench.components.errors import InfraError

_STATE = "pulumi:pulumi:readStackResourceOutputs"
_ROUTES = (":GatewayRoute::", ":ClusterRoute::")  # docker's and Kubernetes'
_PASSWORD, _HTPASSWD = re.compile(r"[A-Za-z0-9_-]{43}"), re.compile(r"[a-z]+:\$2b\$[./A-Za-z0-9$]+")
_GROUP, _LOGIN = ":ResourceGroup::", ":RegistryLogin::"
_CONTAINER = "docker:index/container:Container::"
# The engine writes the state while the program runs, and a file backend lets others see it half-written.
_WAITS = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6)


@dataclass(frozen=True)
class Served:
    """The id of the manifest that each service serves, and the cluster or the docker engine that the stack lives on.

    `promotions` has when each was promoted, of those that were; `login` is that to the stack's own registry. `boundary`
    is the network or namespace that the stack was made with: what it has on its engine is named after that, also once
    `pulumi stack rename` gave it another name. `published` has the ports that its containers have on the engine's host,
    by their names.
    """

    manifests: dict[str, str]
    cluster: str | None = None
    promotions: dict[str, str] = field(default_factory=dict)
    login: dict[str, str] | None = field(default=None, repr=False)
    boundary: str | None = None
    published: dict[str, frozenset[int]] = field(default_factory=dict)
    engine: Identity | None = None


def load() -> Served:
    """What the state knows; nothing of a stack that was never up. Raises InfraError."""
    known = _outputs()
    routes = [outputs for urn, outputs in known.items() if any(kind in urn for kind in _ROUTES)]
    group: dict[str, Any] = next((outputs for urn, outputs in known.items() if _GROUP in urn), {})
    return Served(
        {str(route["service"]): str(route["manifest"]) for route in routes if "manifest" in route},
        _text(group, "cluster"),
        {str(route["service"]): str(route["promotedAt"]) for route in routes if route.get("promotedAt")},
        next((_login(outputs) for urn, outputs in known.items() if _LOGIN in urn), None),
        _text(group, "boundary"),
        {
            str(container["name"]): frozenset(int(each["external"]) for each in container.get("ports") or [])
            for urn, container in known.items()
            if _CONTAINER in urn and "name" in container
        },
        identity.of(group.get("engine")),
    )


def _login(outputs: dict[str, Any]) -> dict[str, str] | None:
    """The login as it was made; None where the state tells anything else, such as a blank for a secret."""
    found = {key: str(outputs.get(key)) for key in ("password", "htpasswd")}
    return found if _PASSWORD.fullmatch(found["password"]) and _HTPASSWD.fullmatch(found["htpasswd"]) else None


def _text(outputs: dict[str, Any], key: str) -> str | None:
    return str(outputs[key]) if outputs.get(key) else None


def _outputs() -> dict[str, Any]:
    """The outputs of each resource by its URN."""
    name = f"{pulumi.get_organization()}/{pulumi.get_project()}/{pulumi.get_stack()}"
    problem = ""
    for wait in _WAITS:
        try:
            answer: Any = pulumi.runtime.invoke(_STATE, {"stackName": name}).value
        except Exception as error:  # noqa: BLE001 - pulumi raises no kind of its own
            problem = str(error).splitlines()[0]
            time.sleep(wait)
        else:
            with suppress(KeyError, TypeError, AttributeError):
                return {urn: told["outputs"] for urn, told in answer["outputs"].items()}
            problem = "pulumi told nothing that is known here"
            time.sleep(wait)
    raise InfraError(f"what this stack serves can't be read from its state ({problem}); run the same command again")
