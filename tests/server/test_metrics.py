"""What Prometheus would read, parsed as Prometheus parses it."""

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from prometheus_client.multiprocess import mark_process_dead
from prometheus_client.parser import text_string_to_metric_families

from workbench.server.artifact import Model
from workbench.server.errors import Code
from workbench.server.metrics import METHODS, Metrics
from workbench.server.request import Request
from workbench.server.service import Service

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]

WORKER = """
import sys
from workbench.server.request import Request
from workbench.server.metrics import Metrics
metrics = Metrics(int(sys.argv[1]))
metrics.watch(lambda: int(sys.argv[2]))
exchange = Request({"method": "POST", "path": "/score", "headers": []}, None, None, 1, 1)
exchange.route, exchange.status, exchange.rows = "/score", 200, 3
metrics.finished(exchange, 0.002)
print(metrics.render()[0].decode())
"""


@pytest.fixture
def metrics() -> Metrics:
    return Metrics()


@pytest.fixture
def count_in_worker(tmp_path: Path) -> Callable[..., Samples]:
    """Answer a request of three rows in a process that is worker `number`; what it then tells of all of them."""
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path), "PYTHONPATH": str(Path(__file__).parents[2])}

    def count(number: int, in_flight: int = 0) -> Samples:
        command = [sys.executable, "-c", WORKER, str(number), str(in_flight)]
        return parse(subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout)

    return count


def answered(method: str = "POST", route: str = "/score", status: int | None = 200, rows: int = 0) -> Request:
    async def unused(*_: Any) -> Any:
        raise AssertionError

    exchange = Request({"method": method, "path": "/a-path", "headers": []}, unused, unused, 1, 1)
    exchange.route, exchange.status, exchange.rows = route, status, rows
    return exchange


def parse(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def read(metrics: Metrics) -> Samples:
    content, media_type = metrics.render()
    assert media_type.startswith("text/plain; version=")
    return parse(content.decode())


def value(samples: Samples, name: str, **labels: str) -> float | None:
    return samples.get((name, frozenset(labels.items())))


def test_requests_are_counted_by_route_method_and_status_with_their_time(metrics: Metrics) -> None:
    metrics.finished(answered(), 0.0004)
    metrics.finished(answered(), 0.02)
    metrics.finished(answered(status=400), 20)
    samples = read(metrics)
    well = {"route": "/score", "method": "POST", "status": "200"}
    assert value(samples, "scoring_request_duration_seconds_count", **well) == 2
    assert value(samples, "scoring_request_duration_seconds_sum", **well) == pytest.approx(0.0204)
    assert value(samples, "scoring_request_duration_seconds_bucket", **well, le="0.0005") == 1
    assert value(samples, "scoring_request_duration_seconds_bucket", **well, le="0.025") == 2
    slow = well | {"status": "400"}
    assert value(samples, "scoring_request_duration_seconds_bucket", **slow, le="10.0") == 0
    assert value(samples, "scoring_request_duration_seconds_bucket", **slow, le="+Inf") == 1


def test_rows_are_summed_up(metrics: Metrics) -> None:
    for rows in (3, 0, 4):
        metrics.finished(answered(rows=rows), 0.001)
    assert value(read(metrics), "scoring_rows_total") == 7


def test_every_code_is_there_before_its_first_error(metrics: Metrics) -> None:
    before = read(metrics)
    assert [value(before, "scoring_errors_total", code=code) for code in Code] == [0] * len(Code)
    refused = answered(status=400)
    refused.code = Code.BAD_INPUT
    metrics.finished(refused, 0.001)
    assert value(read(metrics), "scoring_errors_total", code="bad_input") == 1


def test_no_text_of_a_caller_becomes_a_label(metrics: Metrics) -> None:
    for method in ("PROPFIND", "M-SEARCH", "SECRET"):
        metrics.finished(answered(method, "other", 404), 0.001)
    text = metrics.render()[0].decode()
    assert not any(word in text for word in ("PROPFIND", "M-SEARCH", "SECRET", "a-path"))
    unknown = {"route": "other", "method": "other", "status": "404"}
    assert value(parse(text), "scoring_request_duration_seconds_count", **unknown) == 3


def test_methods_that_no_route_has_are_one_label(metrics: Metrics) -> None:
    for method in (*METHODS, *(f"X{number}" for number in range(100))):
        metrics.finished(answered(method), 0.001)
    counts = [labels for name, labels in read(metrics) if name == "scoring_request_duration_seconds_count"]
    assert len(counts) == len(METHODS) + 1


def test_a_caller_that_left_has_no_status(metrics: Metrics) -> None:
    metrics.finished(answered(status=None), 0.001)
    gone = {"route": "/score", "method": "POST", "status": "left"}
    assert value(read(metrics), "scoring_request_duration_seconds_count", **gone) == 1


def test_requests_in_flight_are_asked_for_when_they_are_told(metrics: Metrics) -> None:
    waiting = [1, 2]
    metrics.watch(lambda: len(waiting))
    assert value(read(metrics), "scoring_requests_in_flight") == 2
    waiting.clear()
    assert value(read(metrics), "scoring_requests_in_flight") == 0


@pytest.mark.parametrize(
    ("models", "series"),
    [
        ((Model("churn", 3),), {("churn", "3")}),
        ((Model("churn", 3), Model("value", 1)), {("churn", "3"), ("value", "1")}),
        ((), {("", "")}),
    ],
)
def test_what_is_served_is_told(
    metrics: Metrics,
    models: tuple[Model, ...],
    series: set[tuple[str, str]],
    make_folder: Callable[..., Path],
    load_folder: Callable[..., Service],
) -> None:
    service = load_folder(make_folder())
    metrics.describe(replace(service, name="churnpred", manifest=replace(service.manifest, models=models)))
    told = [dict(labels) for name, labels in read(metrics) if name == "scoring_model_info"]
    assert {(each["model"], each["version"]) for each in told} == series
    assert {(each["service"], each["manifest"]) for each in told} == {("churnpred", "toy")}


def test_the_process_tells_of_itself(metrics: Metrics) -> None:
    samples = read(metrics)
    assert (value(samples, "process_resident_memory_bytes") or 0) > 1024**2
    assert (value(samples, "process_cpu_seconds_total") or 0) > 0
    assert value(samples, "process_start_time_seconds") is not None


def test_a_worker_tells_of_all_workers(count_in_worker: Callable[..., Samples]) -> None:
    alone = count_in_worker(1, in_flight=2)
    both = count_in_worker(2, in_flight=3)
    well = {"route": "/score", "method": "POST", "status": "200"}
    assert value(both, "scoring_request_duration_seconds_count", **well) == 2
    assert value(both, "scoring_request_duration_seconds_bucket", **well, le="0.0025") == 2
    assert value(both, "scoring_rows_total") == 6
    assert value(both, "scoring_errors_total", code="bad_json") == 0
    assert value(both, "scoring_requests_in_flight") == 5
    for name in ("process_resident_memory_bytes", "process_cpu_seconds_total"):
        assert (value(both, name) or 0) > (value(alone, name) or 0) > 0
    assert value(both, "process_start_time_seconds") == value(alone, "process_start_time_seconds")


def test_a_worker_that_comes_again_goes_on_counting_and_nothing_of_the_old_is_in_flight(
    count_in_worker: Callable[..., Samples], tmp_path: Path
) -> None:
    count_in_worker(1, in_flight=7)
    count_in_worker(2, in_flight=1)
    mark_process_dead(1, tmp_path)  # type: ignore[no-untyped-call] # the library's own types end here
    again = count_in_worker(1)
    assert value(again, "scoring_rows_total") == 9
    assert value(again, "scoring_requests_in_flight") == 1
    assert len(list(tmp_path.glob("counter_*.db"))) == 2
