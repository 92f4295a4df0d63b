"""A person behind a proxy, one that refuses everything: what is on this machine is reached all the same."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from tests.integration.workspace import SERVICE, Workspace

_NAMES = ("http_proxy", "https_proxy", "all_proxy", "grpc_proxy")


@dataclass
class Proxy:
    """What it was asked for, one line each."""

    port: int
    asked: list[str] = field(default_factory=list)


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    class Handler(http.server.BaseHTTPRequestHandler):
        def refuse(self) -> None:
            seen.asked.append(self.requestline)
            self.send_error(403)

        do_GET = do_POST = do_PUT = do_HEAD = do_CONNECT = do_DELETE = refuse  # noqa: N815

        def log_message(self, *_: object) -> None:
            """Keep the test's output clean."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        seen = Proxy(server.server_port)
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield seen
        server.shutdown()
        thread.join()


@pytest.fixture
def behind(workspace: Workspace, proxy: Proxy) -> Workspace:
    """The workspace as a person's shell knows it who sets proxies and evaluates `make env`."""
    address = f"http://127.0.0.1:{proxy.port}"
    for name in _NAMES:
        workspace.environment |= {name: address, name.upper(): address}
    return workspace


def test_up_preview_and_service_run_ask_a_proxy_for_nothing_on_this_machine(behind: Workspace, proxy: Proxy) -> None:
    stack = behind.new_stack()
    behind.train(1, stack)
    behind.up(stack)
    behind.workbench("preview", "-s", stack)
    behind.workbench("service", "run", "-n", SERVICE, "-s", stack, "--sample", "3")
    # As in a shell that evaluated nothing of ours: the command line sees to it by itself.
    for name in ("no_proxy", "NO_PROXY"):
        behind.environment.pop(name)
    behind.workbench("preview", "-s", stack)
    behind.workbench("service", "run", "-n", SERVICE, "-s", stack, "--sample", "3")
    assert [line for line in proxy.asked if "127.0.0.1" in line or "localhost" in line or "::1" in line] == []


def test_without_the_exceptions_pulumi_asks_the_proxy_for_this_machine(behind: Workspace, proxy: Proxy) -> None:
    stack = behind.new_stack()
    behind.train(1, stack)
    for name in ("no_proxy", "NO_PROXY"):
        behind.environment.pop(name)
    assert behind.pulumi("preview", "-s", stack, check=False).code != 0
    assert [line for line in proxy.asked if line.startswith("CONNECT 127.0.0.1:")]
