import pytest

from scoring.errors import StartError
from scoring.settings import Settings, read


def test_only_the_service_must_be_given() -> None:
    assert read({"SCORING_SERVICE": "churnpred", "PATH": "/bin"}) == Settings(service="churnpred")


def test_every_setting_is_read_in_its_type() -> None:
    given = Settings(
        service="a.b-c",
        port=9000,
        folder="/service",
        keys="/keys",
        drain_seconds=30,
        threads=2,
        concurrency=9,
        max_body_bytes=100,
    )
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
