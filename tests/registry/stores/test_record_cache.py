"""What is kept of records read before: always right, whatever became of the file."""

import json
from pathlib import Path

import pytest

from workbench.registry.stores import record_cache
from workbench.registry.stores.store import BrokenRecordError, Record


class Place:
    """Records with stamps that change with them; remembers what was fetched."""

    def __init__(self, count: int) -> None:
        self.records: dict[str, Record] = {f"runs/{index}": {"id": index} for index in range(count)}
        self.fetched: list[str] = []

    def stamps(self) -> dict[str, str]:
        return {key: json.dumps(record) for key, record in self.records.items()}

    def fetch(self, keys: list[str]) -> dict[str, bytes]:
        self.fetched = keys
        return {key: json.dumps(self.records[key]).encode() for key in keys if key in self.records}


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "cache" / "runs.json"


def test_only_what_changed_is_fetched_again(path: Path) -> None:
    place = Place(5)
    assert record_cache.read_through(path, place.stamps(), place.fetch) == place.records
    assert len(place.fetched) == 5
    place.records["runs/3"] = {"id": 3, "status": "completed"}
    place.records["runs/9"] = {"id": 9}
    del place.records["runs/0"]
    assert record_cache.read_through(path, place.stamps(), place.fetch) == place.records
    assert place.fetched == ["runs/3", "runs/9"]
    place.fetched = []
    assert record_cache.read_through(path, place.stamps(), place.fetch) == place.records
    assert place.fetched == []


def test_a_broken_file_is_made_anew(path: Path) -> None:
    place = Place(5)
    record_cache.read_through(path, place.stamps(), place.fetch)
    whole = path.read_bytes()
    for broken in (b"", b"nonsense", whole[:-1], whole[:-1] + b"\0", whole.replace(b"cpython", b"anothon")):
        path.write_bytes(broken)
        assert record_cache.read_through(path, place.stamps(), place.fetch) == place.records
        assert len(place.fetched) == 5
        assert path.read_bytes() == whole


def test_a_few_records_are_read_without_keeping_them(path: Path) -> None:
    place = Place(5)
    for _ in range(2):
        assert record_cache.read_through(path, place.stamps(), place.fetch, spare=5) == place.records
        assert len(place.fetched) == 5
    assert not path.exists()


def test_a_place_that_cannot_be_written_costs_only_time(path: Path) -> None:
    path.parent.write_text("a file where the folder should be")
    place = Place(5)
    assert record_cache.read_through(path, place.stamps(), place.fetch) == place.records


def test_a_record_without_a_stamp_is_never_kept(path: Path) -> None:
    place = Place(2)
    stamps = {"runs/0": "", "runs/1": "known"}
    for _ in range(2):
        assert record_cache.read_through(path, stamps, place.fetch) == place.records
    assert place.fetched == ["runs/0"]


def test_what_vanished_meanwhile_is_left_out(path: Path) -> None:
    place = Place(2)
    stamps = {**place.stamps(), "runs/gone": "known"}
    assert record_cache.read_through(path, stamps, place.fetch) == place.records


@pytest.mark.parametrize("data", [b"{", b"[]", b"\xff", b""])
def test_a_record_that_is_none_is_told_by_its_key(data: bytes) -> None:
    with pytest.raises(BrokenRecordError) as caught:
        record_cache.parse("runs/1/run.json", data)
    assert caught.value.key == "runs/1/run.json"
