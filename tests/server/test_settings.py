import pytest

from workbench.server.errors import StartError
from workbench.server.settings import Settings, read, traces

COLLECTOR = "http://collector:4318"


def test_only_the_service_must_be_given() -> None:
    assert read({"SCORING_SERVICE": "churnpred", "PATH": "/bin"}) == Settings(service="churnpred")


def test_every_setting_is_read_in_its_type() -> None:
    given = Settings(
        service="a.b-c",
        port=9000,
        folder="/service",
        keys="/keys",
        drain_seconds=30,
        workers=2,
        threads=2,
        concurrency=9,
        body_seconds=5,
        max_body_bytes=100,
        max_rows=10,
        max_text_length=20,
    )
    assert not any(value == Settings._field_defaults.get(field) for field, value in given._asdict().items())
    assert read({f"SCORING_{name.upper()}": str(value) for name, value in given._asdict().items()}) == given


def test_an_unknown_setting_is_refused_with_the_known_ones() -> None:
    with pytest.raises(StartError, match=r"SCORING_PROT is not a setting .*SCORING_PORT"):
        read({"SCORING_SERVICE": "toy", "SCORING_PROT": "1"})


@pytest.mark.parametrize("name", ["", "ab", "a" * 33, "Toy", "-toy", "toy.", "to/y", "../toy", "toy\n", "tóy"])
def test_a_service_name_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(StartError, match="SCORING_SERVICE is "):
        read({"SCORING_SERVICE": name})


@pytest.mark.parametrize("text", ["", "0", "65536", "-1", "8000.0", "8e3", " 80", "\uff18\uff10", "1" * 5000])
def test_a_port_that_is_none_is_refused_with_its_range(text: str) -> None:
    with pytest.raises(StartError, match=r"SCORING_PORT is .* from 1 to 65535"):
        read({"SCORING_SERVICE": "toy", "SCORING_PORT": text})


def test_a_relative_folder_is_refused() -> None:
    with pytest.raises(StartError, match="SCORING_KEYS is 'keys'; give an absolute path"):
        read({"SCORING_SERVICE": "toy", "SCORING_KEYS": "keys"})


def test_the_keys_of_a_service_have_a_file_of_their_own() -> None:
    assert read({"SCORING_SERVICE": "toy", "SCORING_KEYS": "/keys"}).keys_file == "/keys/toy.json"


@pytest.mark.parametrize(("text", "workers"), [("0", 0), ("64", 64)])
def test_workers_are_counted_or_left_to_the_cores(text: str, workers: int) -> None:
    assert read({"SCORING_SERVICE": "toy", "SCORING_WORKERS": text}).workers == workers


def test_more_workers_than_any_container_has_cores_are_refused() -> None:
    with pytest.raises(StartError, match="SCORING_WORKERS is '65'; give an integer from 0 to 64"):
        read({"SCORING_SERVICE": "toy", "SCORING_WORKERS": "65"})


@pytest.mark.parametrize("name", ["OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"])
def test_an_endpoint_asks_for_traces(name: str) -> None:
    assert traces({name: COLLECTOR})
    assert traces({name: COLLECTOR, "OTEL_TRACES_EXPORTER": "otlp", "OTEL_EXPORTER_OTLP_PROTOCOL": "http/protobuf"})


@pytest.mark.parametrize(
    "environment",
    [
        {},
        {"OTEL_SERVICE_NAME": "toy"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": ""},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR, "OTEL_SDK_DISABLED": "true"},
        {"OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR, "OTEL_TRACES_EXPORTER": "none"},
    ],
)
def test_nothing_else_asks_for_them(environment: dict[str, str]) -> None:
    assert not traces(environment)


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("OTEL_EXPORTER_OTLP_ENDPOINT", "collector:4318", "OTLP_ENDPOINT is 'collector:4318'; give a URL as http://"),
        ("OTEL_EXPORTER_OTLP_PROTOCOL", "grpc", "OTLP_PROTOCOL is 'grpc'; this server sends http/protobuf alone"),
        ("OTEL_TRACES_EXPORTER", "zipkin", "TRACES_EXPORTER is 'zipkin'; this server sends otlp alone"),
    ],
)
def test_traces_that_cannot_be_sent_are_refused(name: str, value: str, says: str) -> None:
    with pytest.raises(StartError, match=says):
        traces({"OTEL_EXPORTER_OTLP_ENDPOINT": COLLECTOR, name: value})
