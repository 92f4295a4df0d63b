"""A service's route in the gateway, as a dynamic resource."""

from __future__ import annotations

from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from infra.engines.docker.gateway_agent import ask, changes


class RouteProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        _put(props)
        return CreateResult(f"{props['gateway']}/{props['service']}", props)

    def update(self, _id: str, _olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        _put(news)
        return UpdateResult(news)

    def delete(self, _id: str, props: dict[str, Any]) -> None:
        ask(props["gateway"], "route-delete", service=props["service"])

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        return changes(olds, news)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        servers = ask(props["gateway"], "route-get", service=props["service"])
        if not servers:
            return ReadResult("", {})
        wanted = sorted(_whole(props["servers"]), key=lambda server: (server["host"], server["port"]))
        return ReadResult(id_, props if servers == wanted else {**props, "servers": servers})


class GatewayRoute(Resource, module="infra", name="GatewayRoute"):
    """Where a service's requests go: servers as {host, port, weight}; the rest is there to be read in a preview."""

    def __init__(self, name: str, props: dict[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        super().__init__(RouteProvider(), name, props, opts)


def _put(props: dict[str, Any]) -> None:
    ask(
        props["gateway"],
        "route-put",
        service=props["service"],
        servers=_whole(props["servers"]),
        drain_seconds=props["drain_seconds"],
        healthy_seconds=props["healthy_seconds"],
    )


def _whole(servers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Numbers come through the engine as floats; the gateway wants them whole."""
    return [{"host": each["host"], "port": int(each["port"]), "weight": int(each["weight"])} for each in servers]
