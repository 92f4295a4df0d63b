"""One span for each request, sent to a collector by OTLP over HTTP; how, its `OTEL_*` variables say.

Attributes are those of OpenTelemetry's HTTP conventions and what the request was counted as; never a header, a query
or a body. Spans wait in a bounded queue for a thread that sends them: a collector that is slow or gone costs spans
and lines in the log, never a request.
"""

import threading
import time
from contextlib import AbstractContextManager
from types import TracebackType
from typing import Final

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import SERVICE_NAME, Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import SpanKind, StatusCode, Tracer
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator
from opentelemetry.util.types import AttributeValue

from workbench.server.errors import StartError
from workbench.server.metrics import METHODS
from workbench.server.request import UNKNOWN, Request
from workbench.server.service import Service
from workbench.server.tracing import Tracing

# OpenTelemetry's names for what is not one of HTTP's methods, and for a span of such.
OTHER_METHOD: Final = "_OTHER"
FAILED: Final = 500
LONGEST_PATH: Final = 200
CARRIED: Final = ("traceparent", "tracestate")


class Spans(Tracing):
    """Traces to the collector that the environment names; raises StartError if a variable of its is wrong."""

    idle = False

    def __init__(self, name: str) -> None:
        try:
            self._processor = BatchSpanProcessor(OTLPSpanExporter())
            provider = TracerProvider(resource=_resource(name), shutdown_on_exit=False)
        except ValueError as error:
            raise StartError(f"an OTEL_ variable is wrong: {error}; correct it, or unset it") from error
        provider.add_span_processor(self._processor)
        self._tracer = provider.get_tracer("scoring")
        self._model: dict[str, AttributeValue] = {}

    def span(self, request: Request) -> AbstractContextManager[None]:
        return _Span(self._tracer, self._model, request)

    def describe(self, service: Service) -> None:
        if service.model is not None:
            self._model = {"scoring.model.name": service.model.name, "scoring.model.version": service.model.version}

    def close(self, seconds: float) -> None:
        # The library's own time limits don't reach into an export under way.
        closing = threading.Thread(target=self._processor.shutdown, daemon=True)
        closing.start()
        closing.join(seconds)


class _Span(AbstractContextManager[None]):
    """Written when its request is over: only then its route is known, and whether it is worth a span."""

    def __init__(self, tracer: Tracer, model: dict[str, AttributeValue], request: Request) -> None:
        self._tracer, self._model, self._request = tracer, model, request
        self._began = time.time_ns()

    def __enter__(self) -> None:
        return

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        request = self._request
        if request.is_routine:
            return
        given = {name: request.header(name.encode()) for name in CARRIED}
        carrier = {name: value.decode("latin-1") for name, value in given.items() if value is not None}
        span = self._tracer.start_span(
            _name(request),
            TraceContextTextMapPropagator().extract(carrier),
            SpanKind.SERVER,
            _attributes(request) | self._model,
            start_time=self._began,
        )
        if request.status is not None and request.status >= FAILED:
            span.set_attribute("error.type", request.code.value if request.code else str(request.status))
            span.set_status(StatusCode.ERROR)
        span.end()


def _name(request: Request) -> str:
    method = request.method if request.method in METHODS else "HTTP"
    return method if request.route == UNKNOWN else f"{method} {request.route}"


def _attributes(request: Request) -> dict[str, AttributeValue]:
    found: dict[str, AttributeValue] = {
        "http.request.method": request.method if request.method in METHODS else OTHER_METHOD,
        "url.path": request.path[:LONGEST_PATH],
        "url.scheme": "http",
        "scoring.request_id": request.request_id,
        "scoring.rows": request.rows,
    }
    if request.route != UNKNOWN:
        found["http.route"] = request.route
    if request.status is not None:
        found["http.response.status_code"] = request.status
    if request.code is not None:
        found["scoring.error.code"] = request.code.value
    return found


def _resource(name: str) -> Resource:
    """What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say; without them the service has its own name."""
    given = Resource.create()
    named = not str(given.attributes.get(SERVICE_NAME, "unknown_service")).startswith("unknown_service")
    return given if named else given.merge(Resource({SERVICE_NAME: name}))
