"""Calling a service by https: whose certificates are good, and what is said of those that aren't."""

import http.server
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.authority import Issued, issue
from workbench.core.errors import ServiceError
from workbench.stacks.services.request import Request
from workbench.stacks.services.service import Service

REQUEST = Request(b'{"input_df": [{}]}')


class Handler(http.server.BaseHTTPRequestHandler):
    """Answers one row."""

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Length", "4")
        self.end_headers()
        self.wfile.write(b"[{}]")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Server(http.server.ThreadingHTTPServer):
    def handle_error(self, *_: object) -> None:
        """A caller that turns away is no news."""


@pytest.fixture
def issued(tmp_path: Path) -> Issued:
    return issue(tmp_path, "127.0.0.1")


@pytest.fixture
def port(issued: Issued) -> Iterator[int]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    with Server(("127.0.0.1", 0), Handler) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def called(project: Path, home: Path, port: int, monkeypatch: pytest.MonkeyPatch) -> Service:
    monkeypatch.chdir(project)
    key = home / "keys" / "churn" / "staging" / "churnpred" / "primary"
    key.parent.mkdir(parents=True)
    key.touch(0o600)
    key.write_text("k" * 43)
    return Service("churnpred", "staging", {"scoringUrl": f"https://127.0.0.1:{port}/score"})


def test_a_certificate_that_nobody_trusts_is_one_line(called: Service) -> None:
    with pytest.raises(ServiceError, match=r"/score: its certificate is not trusted \([^\n]*\); [^\n]* SSL_CERT_FILE$"):
        called.call(REQUEST)


def test_a_ca_of_ones_own_is_named_by_the_environment(
    called: Service, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(issued.authority))

    assert called.call(REQUEST).value == [{}]


def test_a_certificate_of_another_host_is_not_trusted(
    called: Service, issued: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(issued.authority))
    called.state["scoringUrl"] = called.text("scoringUrl").replace("127.0.0.1", "localhost")

    with pytest.raises(ServiceError, match=r"is not trusted \(Hostname mismatch, .* 'localhost'\)"):
        called.call(REQUEST)
