"""Spans as a collector gets them: a server of this test that speaks OTLP over HTTP."""

import http.server
import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.common.v1.common_pb2 import KeyValue
from opentelemetry.proto.trace.v1.trace_pb2 import Span, Status

from workbench.server import tracing
from workbench.server.errors import Code, StartError
from workbench.server.request import Request
from workbench.server.service import Service
from workbench.server.settings import traces

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


@pytest.fixture
def make_tracing(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., tracing.Tracing]]:
    """Start tracing as the environment says, with more variables by name."""
    for name in [name for name in os.environ if name.startswith("OTEL_")]:
        monkeypatch.delenv(name)
    made: list[tracing.Tracing] = []

    def make(endpoint: str, **variables: str) -> tracing.Tracing:
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
        for name, value in variables.items():
            monkeypatch.setenv(f"OTEL_{name}", value)
        made.append(tracing.start("toy", wanted=traces(os.environ)))
        return made[-1]

    yield make
    for each in made:
        each.close(1)


def request(
    method: str = "POST", route: str = "/score", status: int | None = 200, path: str = "", **headers: str
) -> Request:
    async def unused(*_: Any) -> Any:
        raise AssertionError

    given = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    exchange = Request({"method": method, "path": path or route, "headers": given}, unused, unused, 1, 1)
    exchange.route, exchange.status, exchange.rows = route, status, 3
    return exchange


def attributes(values: Any) -> dict[str, Any]:
    def plain(each: KeyValue) -> Any:
        return getattr(each.value, each.value.WhichOneof("value") or "string_value")

    return {each.key: plain(each) for each in values}


def test_a_request_is_a_span_of_its_callers_trace(
    collector: Collector,
    make_tracing: Callable[..., tracing.Tracing],
    make_folder: Callable[..., Path],
    load_folder: Callable[..., Service],
) -> None:
    spans = make_tracing(collector.endpoint)
    spans.describe(load_folder(make_folder()))
    before = time.time_ns()
    with spans.span(request(traceparent=f"00-{TRACE}-{PARENT}-01", x_request_id="r-1", authorization="Bearer secret")):
        pass
    spans.close(WITHIN_SECONDS)
    (span,) = collector.spans()
    assert (span.name, span.kind) == ("POST /score", Span.SPAN_KIND_SERVER)
    assert (span.trace_id.hex(), span.parent_span_id.hex()) == (TRACE, PARENT)
    assert before <= span.start_time_unix_nano <= span.end_time_unix_nano <= time.time_ns()
    assert attributes(span.attributes) == {
        "http.request.method": "POST",
        "http.route": "/score",
        "http.response.status_code": 200,
        "url.path": "/score",
        "url.scheme": "http",
        "scoring.request_id": "r-1",
        "scoring.rows": 3,
        "scoring.model.name": "toy",
        "scoring.model.version": 7,
    }
    assert span.status.code == Status.STATUS_CODE_UNSET
    assert b"secret" not in collector.received[0].SerializeToString()
    resource = attributes(collector.received[0].resource_spans[0].resource.attributes)
    assert resource["service.name"] == "toy"


@pytest.mark.parametrize("given", ["", "nonsense", f"00-{'0' * 32}-{PARENT}-01", f"00-{TRACE}-{PARENT}-01-\xff"])
def test_a_traceparent_that_is_none_begins_a_trace(
    given: str, collector: Collector, make_tracing: Callable[..., tracing.Tracing]
) -> None:
    spans = make_tracing(collector.endpoint)
    with spans.span(request(traceparent=given)):
        pass
    spans.close(WITHIN_SECONDS)
    (span,) = collector.spans()
    assert span.parent_span_id == b""
    assert span.trace_id.hex() not in {TRACE, "0" * 32}


def test_a_caller_that_samples_no_trace_gets_none(
    collector: Collector, make_tracing: Callable[..., tracing.Tracing]
) -> None:
    spans = make_tracing(collector.endpoint)
    with spans.span(request(traceparent=f"00-{TRACE}-{PARENT}-00")):
        pass
    spans.close(WITHIN_SECONDS)
    assert collector.spans() == []


def test_our_failure_is_an_error_and_a_callers_is_not(
    collector: Collector, make_tracing: Callable[..., tracing.Tracing]
) -> None:
    spans = make_tracing(collector.endpoint)
    for status, code in ((500, Code.INTERNAL), (400, Code.BAD_INPUT)):
        failed = request(status=status)
        failed.code = code
        with spans.span(failed):
            pass
    spans.close(WITHIN_SECONDS)
    ours, callers = sorted(collector.spans(), key=lambda span: -span.status.code)
    assert ours.status.code == Status.STATUS_CODE_ERROR
    assert attributes(ours.attributes)["error.type"] == "internal"
    assert callers.status.code == Status.STATUS_CODE_UNSET
    assert attributes(callers.attributes)["scoring.error.code"] == "bad_input"
    assert "error.type" not in attributes(callers.attributes)


def test_unknown_paths_and_methods_are_in_no_name(
    collector: Collector, make_tracing: Callable[..., tracing.Tracing]
) -> None:
    spans = make_tracing(collector.endpoint)
    with spans.span(request("PROPFIND", "other", 404, path="/x" * 500)):
        pass
    spans.close(WITHIN_SECONDS)
    (span,) = collector.spans()
    assert span.name == "HTTP"
    assert attributes(span.attributes)["http.request.method"] == "_OTHER"
    assert len(attributes(span.attributes)["url.path"]) == 200
    assert "http.route" not in attributes(span.attributes)


def test_health_that_is_well_is_no_span(collector: Collector, make_tracing: Callable[..., tracing.Tracing]) -> None:
    spans = make_tracing(collector.endpoint)
    for status in (200, 503):
        with spans.span(request("GET", "/healthz/ready", status)):
            pass
    spans.close(WITHIN_SECONDS)
    assert [attributes(span.attributes)["http.response.status_code"] for span in collector.spans()] == [503]


def test_a_collector_that_does_not_answer_costs_spans_and_nothing_else(
    collector: Collector, make_tracing: Callable[..., tracing.Tracing]
) -> None:
    collector.answers.clear()
    spans = make_tracing(collector.endpoint, BSP_MAX_QUEUE_SIZE="600")
    for _ in range(5000):
        with spans.span(request()):
            pass
    spans.close(0.1)
    assert collector.received == []
    collector.answers.set()
    deadline = time.monotonic() + WITHIN_SECONDS
    while len(collector.spans()) < 600 and time.monotonic() < deadline:
        time.sleep(0.02)
    # A full queue, and the batch that was on its way.
    assert 600 <= len(collector.spans()) <= 600 + 512


def test_a_collector_that_is_not_there_fails_no_request(
    port: int, make_tracing: Callable[..., tracing.Tracing], caplog: pytest.LogCaptureFixture
) -> None:
    spans = make_tracing(f"http://127.0.0.1:{port}", EXPORTER_OTLP_TIMEOUT="1")
    with spans.span(request(authorization="Bearer secret")):
        pass
    spans.close(WITHIN_SECONDS)
    assert "Failed to export" in caplog.text
    assert "secret" not in caplog.text


def test_its_own_names_for_the_service_go_first(
    collector: Collector, make_tracing: Callable[..., tracing.Tracing]
) -> None:
    spans = make_tracing(collector.endpoint, RESOURCE_ATTRIBUTES="service.name=churn-eu,team=crm")
    with spans.span(request()):
        pass
    spans.close(WITHIN_SECONDS)
    resource = attributes(collector.received[0].resource_spans[0].resource.attributes)
    assert (resource["service.name"], resource["team"]) == ("churn-eu", "crm")


def test_a_variable_that_its_library_refuses_is_a_start_error(make_tracing: Callable[..., tracing.Tracing]) -> None:
    with pytest.raises(StartError, match=r"an OTEL_ variable is wrong: .*batch"):
        make_tracing("http://collector:4318", BSP_MAX_QUEUE_SIZE="100")
