"""What Prometheus reads: how many requests, how long, what they were refused for, and what is served.

It sees of a request what it was counted as, never a path, a header or a body: no text of a caller becomes a label.
A lone process keeps its numbers itself. Each of several workers keeps them in files of a folder that all of them
share (`PROMETHEUS_MULTIPROC_DIR`), so that any of them tells of all.
"""

from collections.abc import Callable
from typing import Final, Literal

import prometheus_client
from prometheus_client import Counter, Gauge, Histogram, values
from prometheus_client.metrics_core import Metric
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.process_collector import ProcessCollector
from prometheus_client.registry import CollectorRegistry

from workbench.server.errors import Code
from workbench.server.request import UNKNOWN, Request
from workbench.server.service import Service

METHODS: Final = frozenset({"GET", "HEAD", "POST"})
# What a caller that went away before its answer counts as.
LEFT: Final = "left"
BUCKETS: Final = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
MODEL_LABELS: Final = ("service", "manifest", "model", "version")

# How a gauge of several workers becomes one; of a worker that ended nothing is left in it.
OverWorkers = Literal["livesum", "livemax", "livemin"]


class Metrics:
    """The numbers of this process; `worker` is its number if it is one of several."""

    def __init__(self, worker: int | None = None) -> None:
        prometheus_client.disable_created_metrics()  # type: ignore[no-untyped-call] # the library's own types end here
        self._alone = CollectorRegistry() if worker is None else None
        process = ProcessCollector(registry=self._alone)
        if worker is not None:
            # By its number, not its process id: a worker that comes again goes on counting in the same files.
            values.ValueClass = values.MultiProcessValue(lambda: worker)  # type: ignore[no-untyped-call] # the library's own types end here
        self._in_flight: Callable[[], int] = int
        self._observe: dict[tuple[str, str, int | None], Callable[[float], None]] = {}
        self._seconds = Histogram(
            "scoring_request_duration_seconds",
            "From a request's head to the end of its answer; 'left': the caller did not wait for it.",
            ["route", "method", "status"],
            buckets=BUCKETS,
            registry=self._alone,
        )
        self._rows = Counter("scoring_rows", "Rows scored.", registry=self._alone)
        errors = Counter("scoring_errors", "Requests refused or failed, by code.", ["code"], registry=self._alone)
        self._errors = {code: errors.labels(code.value) for code in Code}
        self._flying = self._gauge("scoring_requests_in_flight", "Requests that wait for their answer now.", "livesum")
        self._model = self._gauge("scoring_model_info", "What is served; always 1.", "livemax", *MODEL_LABELS)
        self._processes = None if worker is None else _Processes(process, self._gauge)

    def watch(self, in_flight: Callable[[], int]) -> None:
        """Ask `in_flight` how many requests wait for their answer, whenever that is told."""
        self._in_flight = in_flight

    def finished(self, request: Request, seconds: float) -> None:
        """Count a request that is over, `seconds` after it began."""
        method = request.method if request.method in METHODS else UNKNOWN
        key = request.route, method, request.status
        observe = self._observe.get(key)
        if observe is None:
            status = LEFT if request.status is None else request.status
            observe = self._observe[key] = self._seconds.labels(request.route, method, status).observe
        observe(seconds)
        if request.rows:
            self._rows.inc(request.rows)
        if request.code is not None:
            self._errors[request.code].inc()

    def describe(self, service: Service) -> None:
        """Tell which models answer, a series each."""
        for model in service.manifest.models:
            self._model.labels(service.name, service.manifest.name, model.name, model.version).set(1)
        if not service.manifest.models:
            self._model.labels(service.name, service.manifest.name, "", "").set(1)

    def publish(self) -> None:
        """Bring up to date what changes without a request; workers do it every second, for each other."""
        self._flying.set(self._in_flight())
        if self._processes is not None:
            self._processes.publish()

    def render(self) -> tuple[bytes, str]:
        """Everything as Prometheus' text, and its content type."""
        self.publish()
        registry = self._alone
        if registry is None:
            registry = CollectorRegistry()
            MultiProcessCollector(registry)  # type: ignore[no-untyped-call] # the library's own types end here
        return prometheus_client.generate_latest(registry), prometheus_client.CONTENT_TYPE_LATEST

    def _gauge(self, name: str, text: str, mode: OverWorkers, *labels: str) -> Gauge:
        return Gauge(name, text, labels, registry=self._alone, multiprocess_mode=mode)


class _Processes:
    """What the library tells of one process (time, memory, files), summed up over the workers."""

    def __init__(self, own: ProcessCollector, make_gauge: Callable[[str, str, OverWorkers], Gauge]) -> None:
        self._own = own
        self._make_gauge = make_gauge
        self._gauges: dict[str, Gauge] = {}
        self._seconds = Counter(
            "process_cpu_seconds", "Total user and system CPU time spent in seconds.", registry=None
        )
        self._spent = 0.0

    def publish(self) -> None:
        for family in self._own.collect():
            value = family.samples[0].value
            if family.type == "counter":
                self._seconds.inc(value - self._spent)
                self._spent = value
            else:
                self._gauge(family).set(value)

    def _gauge(self, family: Metric) -> Gauge:
        if family.name not in self._gauges:
            mode: OverWorkers = "livemin" if family.name == "process_start_time_seconds" else "livesum"
            self._gauges[family.name] = self._make_gauge(family.name, family.documentation, mode)
        return self._gauges[family.name]
