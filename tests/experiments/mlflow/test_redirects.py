"""MLflow's password or token stays with the server that it is for, wherever that sends us on to."""

import json
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from tests.authority import issue
from workbench.experiments.mlflow.mlflow_server import MlflowError, MlflowServer

Serve = Callable[..., "Server"]


class Server:
    """A server of loopback that sends on to `target`, or answers; what it was asked, with credentials."""

    def __init__(self, target: str = "", code: int = 302, context: ssl.SSLContext | None = None) -> None:
        asked = self.asked = list[tuple[str, str | None]]()

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                asked.append((self.path, self.headers.get("Authorization")))
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = json.dumps({"path": self.path}).encode()
                if target and "there" not in self.path:
                    self.send_response(code)
                    self.send_header("Location", target)
                else:
                    self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_GET  # noqa: N815 - as the base class calls them

            def log_message(self, *_: object) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if context:
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        scheme = "https" if context else "http"
        self.port = self.http.server_address[1]
        self.uri = f"{scheme}://127.0.0.1:{self.port}"


@pytest.fixture
def serve() -> Iterator[Serve]:
    with ExitStack() as ends:

        def begin(target: str = "", code: int = 302, context: ssl.SSLContext | None = None) -> Server:
            server = Server(target, code, context)
            thread = threading.Thread(target=server.http.serve_forever, args=(0.01,))
            thread.start()
            ends.callback(thread.join)
            ends.callback(server.http.server_close)
            ends.callback(server.http.shutdown)
            return server

        yield begin


@pytest.fixture(autouse=True)
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("no_proxy", "127.0.0.1,localhost")
    monkeypatch.setenv("MLFLOW_TRACKING_TOKEN", "s3cret")


@pytest.mark.parametrize("code", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    "place",
    ["http://127.0.0.1:{port}/", "http://localhost:{port}/", "//127.0.0.1:{port}/", "http://u:p@127.0.0.1:{port}/"],
)
def test_another_host_or_port_gets_neither_the_token_nor_a_question(serve: Serve, code: int, place: str) -> None:
    other = serve()
    own = serve(place.format(port=other.port), code)
    server = MlflowServer(own.uri)
    for ask in (
        lambda: server.get("runs/get", run_id="1"),
        lambda: server.post("runs/create", {"a": 1}),
        lambda: server.upload("mlflow-artifacts:/1", "file", Path(__file__)),
        lambda: server.download("mlflow-artifacts:/1", "file"),
    ):
        with pytest.raises(MlflowError) as told:
            ask()
        assert "\n" not in str(told.value)
        assert "s3cret" not in str(told.value)
    assert other.asked == []
    assert {sent for _, sent in own.asked} == {"Bearer s3cret"}


def test_the_same_server_may_send_on_within_itself(serve: Serve) -> None:
    own = serve("/there")
    assert MlflowServer(own.uri).get("runs/get") == {"path": "/there"}
    assert [sent for _, sent in own.asked] == ["Bearer s3cret"] * 2


def test_an_address_to_trust_is_told_with_what_to_give(serve: Serve) -> None:
    other = serve()
    with pytest.raises(MlflowError, match=f"if you trust that, give --tracking-uri {other.uri}$"):
        MlflowServer(serve(f"{other.uri}/there").uri).get("runs/get")


def test_a_redirect_from_https_to_http_gets_nothing(
    serve: Serve, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    issued = issue(tmp_path, "127.0.0.1")
    monkeypatch.setenv("SSL_CERT_FILE", str(issued.authority))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(issued.certificate, issued.key)
    plain = serve()
    secure = serve(f"{plain.uri}/there", context=context)
    with pytest.raises(MlflowError, match="sends us on to http://"):
        MlflowServer(secure.uri).get("runs/get")
    assert plain.asked == []
    assert [sent for _, sent in secure.asked] == ["Bearer s3cret"]


@pytest.mark.parametrize("place", ["file:///etc/passwd", "ftp://127.0.0.1/x", "http://[::1", "http://127.0.0.1:x/"])
def test_an_address_that_is_none_is_one_line(serve: Serve, place: str) -> None:
    with pytest.raises(MlflowError) as told:
        MlflowServer(serve(place).uri).get("runs/get")
    assert "\n" not in str(told.value)
