"""A stack knows the docker engine that it lives on again, whatever its address. Engines here tell an id alone."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import pytest

from tests.ports import free_ports
from workbench.components.engines.docker import identity
from workbench.components.engines.docker.gateway_route import RouteProvider
from workbench.components.engines.docker.identity import MOVE, Identity
from workbench.components.errors import InfraError

WHERE = "Pulumi.staging.yaml"
HOME = Identity("ID:HOME@/data", "one", "unix:///one.sock")


@contextmanager
def answering(id_: str, root: str = "/data") -> Iterator[str]:
    """A docker engine that can tell who it is, and nothing else; gives its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = {"/version": {"ApiVersion": "1.41"}, "/info": {"ID": id_, "Name": "two", "DockerRootDir": root}}
            body = next((each for path, each in known.items() if self.path.endswith(path)), None)
            content = json.dumps(body or {"message": "no such thing"}).encode()
            self.send_response(200 if body else 404)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
            """Say nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"tcp://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def other(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """DOCKER_HOST names another engine."""
    with ExitStack() as stack:
        address = stack.enter_context(answering("ID:OTHER"))
        for name in ("DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH", MOVE):
            monkeypatch.delenv(name, raising=False)
        monkeypatch.setenv("DOCKER_HOST", address)
        yield address


@pytest.mark.parametrize("preview", [True, False])
def test_another_engine_than_the_states_stops_the_program_and_both_are_named(other: str, preview: bool) -> None:
    with pytest.raises(InfraError) as refused:
        identity.settle(WHERE, HOME, preview=preview)
    for words in (
        WHERE,
        "ID:OTHER@/data on two at",
        other,
        "ID:HOME@/data on one at unix:///one.sock",
        "set DOCKER_HOST back",
    ):
        assert words in str(refused.value)
    assert "\n" not in str(refused.value)


def test_a_stack_that_knows_no_engine_yet_learns_it(other: str) -> None:
    assert identity.settle(WHERE, None, preview=False) == Identity("ID:OTHER@/data", "two", other)


def test_the_same_engine_at_another_address_is_the_same(other: str) -> None:
    found = identity.settle(WHERE, Identity("ID:OTHER@/data", "two", "ssh://two"), preview=False)
    assert found == Identity("ID:OTHER@/data", "two", other)


def test_a_second_engine_of_one_machine_is_another_though_they_share_the_machines_id(other: str) -> None:
    assert other
    with pytest.raises(InfraError, match="another than the one"):
        identity.settle(WHERE, Identity("ID:OTHER@/elsewhere", "two", "unix:///two.sock"), preview=False)


def test_an_engine_that_does_not_answer_stops_an_up_and_no_preview(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"tcp://127.0.0.1:{free_ports(1)[0]}")
    assert identity.settle(WHERE, HOME, preview=True) == HOME
    assert identity.settle(WHERE, None, preview=True) is None
    with pytest.raises(InfraError, match=r"the docker engine: .*make doctor"):
        identity.settle(WHERE, HOME, preview=False)


@pytest.mark.parametrize(("moved_to", "goes"), [("ID:OTHER@/data", True), ("ID:THIRD", False), ("", False)])
def test_a_stack_is_moved_to_the_engine_that_is_named_and_to_no_other(
    other: str, monkeypatch: pytest.MonkeyPatch, moved_to: str, goes: bool
) -> None:
    assert other
    monkeypatch.setenv(MOVE, moved_to)
    if goes:
        assert identity.settle(WHERE, HOME, preview=False) is not None
    else:
        with pytest.raises(InfraError):
            identity.settle(WHERE, HOME, preview=False)


def test_a_refresh_and_a_destroy_leave_a_route_of_another_engine_as_it_is(
    other: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert other
    props = {"engine": "ID:HOME@/data", "gateway": "churn-staging-gateway", "service": "churnpred", "servers": []}
    for act in (RouteProvider().read, RouteProvider().delete):
        with pytest.raises(RuntimeError, match=r"ID:OTHER@/data on two.*is another than the one .* ID:HOME@/data"):
            act("id", props)
    monkeypatch.setenv(MOVE, "ID:OTHER@/data")
    assert RouteProvider().read("id", props).id == ""
