"""A service's route in the gateway, as a dynamic resource."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from workbench.components import provider_code
from workbench.components.engines.docker import identity
from workbench.components.engines.docker.gateway_agent import ask, engine
from workbench.components.engines.docker.process_limit import limit_processes
from workbench.components.engines.docker.release_health import await_healthy

FIXED = ("gateway", "service")


class RouteProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        _put(props)
        return CreateResult(f"{props['gateway']}/{props['service']}", props)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        _put(news)
        return UpdateResult(news)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        identity.require(props.get("engine", ""))
        with engine() as client:
            ask(client, props["gateway"], "route-delete", service=props["service"])
            ask(client, props["gateway"], "keys-delete", service=props["service"])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare inputs alone; another gateway or service means another resource."""
        changed = [key for key in news if not key.startswith("__") and olds.get(key) != news[key]]
        replaces = [key for key in changed if key in FIXED]
        changes = bool(changed) or provider_code.has_moved(olds, news)
        return DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        identity.require(props.get("engine", ""))
        if identity.moving():
            return ReadResult("", {})  # it is on the engine that is left
        with engine() as client:
            servers = ask(client, props["gateway"], "route-get", service=props["service"])
            keys = ask(client, props["gateway"], "keys-get", service=props["service"])
        if not servers:
            return ReadResult("", {})
        wanted = sorted(_whole(props["servers"]), key=lambda server: str(server["host"]))
        return ReadResult(id_, {**props, "servers": props["servers"] if servers == wanted else servers, "keys": keys})


class GatewayRoute(Resource, module="infra", name="GatewayRoute"):
    """Where a service's requests go, `servers` as {host, weight}, and the digests of the `keys` that open it.

    The other properties (URL, models, manifest, image) say what serves; they stand here because this resource changes
    only when traffic has moved, so the state tells the truth also after an update that failed.
    """

    def __init__(self, name: str, props: dict[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        super().__init__(RouteProvider(), name, props, opts)


def _put(props: dict[str, Any]) -> None:
    servers = _whole(props["servers"])
    hosts, gateway = [server["host"] for server in servers], props["gateway"]
    with engine() as client:
        limit_processes(client, [*hosts, gateway, f"{gateway.removesuffix('gateway')}registry"])
        ask(client, gateway, "keys-put", service=props["service"], **props["keys"])
        await_healthy(client, hosts, props["healthySeconds"])
        ask(
            client,
            gateway,
            "route-put",
            service=props["service"],
            servers=servers,
            drain_seconds=props["drainSeconds"],
            healthy_seconds=props["healthySeconds"],
        )


def _whole(servers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numbers come through the engine as floats; the gateway wants them whole."""
    return [{"host": server["host"], "weight": int(server["weight"])} for server in servers]
