"""Who wants spans gets them, also the last ones of a server that ends; who doesn't pays nothing."""

import asyncio
import http.server
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import httpx
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span

pytestmark = pytest.mark.slow

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
WITHIN_SECONDS = 20.0


class Collector(NamedTuple):
    endpoint: str
    received: list[ExportTraceServiceRequest]
    answers: threading.Event

    def spans(self) -> list[Span]:
        return [
            span for each in self.received for of in each.resource_spans for at in of.scope_spans for span in at.spans
        ]


@pytest.fixture
def collector() -> Iterator[Collector]:
    """Takes spans while `answers` is set, else lets their sender wait."""
    received: list[ExportTraceServiceRequest] = []
    answers = threading.Event()
    answers.set()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            answers.wait()
            assert (self.path, self.headers["content-type"]) == ("/v1/traces", "application/x-protobuf")
            received.append(ExportTraceServiceRequest.FromString(body))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        serving = threading.Thread(target=server.serve_forever, args=(0.02,))
        serving.start()
        yield Collector(f"http://127.0.0.1:{server.server_port}", received, answers)
        answers.set()
        server.shutdown()
        serving.join()


def attributes(values: Any) -> dict[str, Any]:
    def plain(each: KeyValue) -> Any:
        return getattr(each.value, each.value.WhichOneof("value") or "string_value")

    return {each.key: plain(each) for each in values}


def test_nobody_who_wants_no_spans_loads_their_library() -> None:
    listing = (
        "import sys, workbench.server.__main__, workbench.server.process; from workbench.server import tracing\n"
        "t = tracing.start('toy', wanted=False)\n"
        "with t.span(None): pass\n"
        "t.close(1); print(*(name for name in sys.modules if name.startswith(('opentelemetry', 'google', 'requests'))))"
    )
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    loaded = subprocess.run(
        [sys.executable, "-c", listing], env=environment, capture_output=True, text=True, check=True
    )
    assert loaded.stdout.split() == []


def test_a_server_sends_what_waits_before_it_ends(
    collector: Collector,
    make_folder: Callable[..., Path],
    write_keys: Callable[[str, str], None],
    keys_file: Path,
    key: str,
    port: int,
    tmp_path: Path,
) -> None:
    write_keys(key, "secondary")
    environment = {
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "SCORING_SERVICE": "toy",
        "SCORING_PORT": str(port),
        "SCORING_FOLDER": str(make_folder()),
        "SCORING_KEYS": str(keys_file.parent),
        "SCORING_WORKERS": "1",
        "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
        # Far off: what comes, comes by the end.
        "OTEL_BSP_SCHEDULE_DELAY": "600000",
    }
    with (tmp_path / "log").open("wb") as log:
        server = subprocess.Popen([sys.executable, "-m", "workbench.server"], env=environment, stdout=log, stderr=log)
    try:
        url = f"http://127.0.0.1:{port}"
        asyncio.run(_healthy(url))
        headers = {"authorization": f"Bearer {key}", "traceparent": f"00-{TRACE}-{PARENT}-01"}
        rows = {"input_df": [{"age": 41, "state": "a-cell"}]}
        assert httpx.post(f"{url}/score", json=rows, headers=headers).status_code == 200
        assert collector.received == []
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=WITHIN_SECONDS) == 0
    finally:
        server.kill()
        server.wait()
    (span,) = [span for span in collector.spans() if span.name == "POST /score"]
    assert span.trace_id.hex() == TRACE
    told = attributes(span.attributes)
    assert (told["scoring.rows"], told["scoring.model.name"], told["scoring.model.version"]) == (1, "toy", 7)
    sent = b"".join(each.SerializeToString() for each in collector.received)
    assert b"a-cell" not in sent
    assert key.encode() not in sent


async def _healthy(url: str) -> None:
    deadline = time.monotonic() + WITHIN_SECONDS
    async with httpx.AsyncClient() as client:
        while time.monotonic() < deadline:
            try:
                if (await client.get(url)).status_code == 200:
                    return
            except httpx.TransportError:
                pass
            await asyncio.sleep(0.02)
    pytest.fail("the server did not become ready")
