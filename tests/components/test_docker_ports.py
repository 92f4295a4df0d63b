"""Ports that a stack is about to take on the engine's host; an engine of a test's own answers."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pulumi
import pytest

from tests.ports import free_ports
from workbench.components.cluster_settings import ClusterSettings
from workbench.components.engines.docker import ports
from workbench.components.errors import InfraError
from workbench.components.served import Served
from workbench.components.settings import Settings


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Have an engine that tells these containers, on a host of this name."""
    told: dict[str, Any] = {}

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            answer = next((each for end, each in told.items() if path.endswith(end)), {"ApiVersion": "1.41"})
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class names it
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{server.server_port}")
    monkeypatch.delenv("DOCKER_TLS_VERIFY", raising=False)
    monkeypatch.setattr(pulumi.runtime, "is_dry_run", lambda: False)

    def tell(containers: list[dict[str, Any]], host: str = "") -> None:
        told.update({"/containers/json": containers, "/info": {"Name": host or socket.gethostname()}})

    tell([])
    yield tell
    server.shutdown()
    thread.join()
    server.server_close()


def _settings(gateway: int, registry: int) -> Settings:
    return Settings(
        project="churn",
        stack="staging",
        engine="docker",
        gateway_address="127.0.0.1",
        gateway_port=gateway,
        registry_port=registry,
        cluster=ClusterSettings(),
        registry=None,
        services=(),
    )


def _container(name: str, port: int, address: str = "127.0.0.1") -> dict[str, Any]:
    return {"Names": [f"/{name}"], "Ports": [{"IP": address, "PrivatePort": 1, "PublicPort": port, "Type": "tcp"}]}


def test_free_ports_are_taken_without_a_word(engine: Callable[..., None]) -> None:
    engine([_container("other", free_ports(1)[0])])
    ports.check(_settings(*free_ports(2)), Served({}))


@pytest.mark.parametrize("address", ["127.0.0.1", "0.0.0.0", "::"])  # noqa: S104 - told, not bound
def test_a_port_of_another_container_is_told_with_its_name_and_what_to_do(
    engine: Callable[..., None], address: str
) -> None:
    gateway, registry = free_ports(2)
    engine([_container("churn-prod-gateway", gateway, address)])
    with pytest.raises(InfraError) as caught:
        ports.check(_settings(gateway, registry), Served({}))
    said = str(caught.value)
    assert said.startswith(f"Pulumi.staging.yaml: churn:gatewayPort is {gateway}: the container churn-prod-gateway of ")
    assert said.endswith("choose another: pulumi config set gatewayPort PORT -s staging")
    assert "\n" not in said


def test_a_port_on_another_address_of_the_host_is_another_port(engine: Callable[..., None]) -> None:
    gateway, registry = free_ports(2)
    engine([_container("other", gateway, "192.0.2.1")])
    ports.check(_settings(gateway, registry), Served({}))


def test_a_port_of_a_program_on_this_machine_is_told_where_the_engine_is_here(engine: Callable[..., None]) -> None:
    gateway, _ = free_ports(2)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        registry = taken.getsockname()[1]
        with pytest.raises(InfraError, match=rf"registryPort is {registry}: .*\(process \d+\) on this machine has"):
            ports.check(_settings(gateway, registry), Served({}))
        engine([], "another-machine")
        ports.check(_settings(gateway, registry), Served({}))


def test_a_port_that_the_state_has_already_is_nobody_elses_and_the_engine_is_not_asked(
    engine: Callable[..., None],
) -> None:
    gateway, registry = free_ports(2)
    engine([_container("churn-staging-gateway", gateway)])
    published = {"churn-staging-gateway": frozenset({gateway}), "churn-staging-registry": frozenset({registry})}
    ports.check(_settings(gateway, registry), Served({}, boundary="churn-staging", published=published))
    with pytest.raises(InfraError, match="the container churn-staging-gateway of the engine"):
        ports.check(_settings(registry, gateway), Served({}, boundary="churn-staging", published=published))


def test_a_container_of_a_stack_that_once_had_this_name_is_told(engine: Callable[..., None]) -> None:
    engine([_container("churn-staging-gateway", free_ports(1)[0])])
    with pytest.raises(InfraError, match="has a container churn-staging-gateway that is none of this stack's"):
        ports.check(_settings(*free_ports(2)), Served({}))


def test_an_engine_that_does_not_answer_is_left_to_the_provider(
    engine: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    engine([])
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{free_ports(1)[0]}")
    ports.check(_settings(*free_ports(2)), Served({}))
