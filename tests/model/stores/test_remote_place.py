"""What a place answers when it misbehaves in ways that a good server cannot be made to."""

import re
import uuid
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from model.confined import ConfinedError
from model.errors import RegistryError
from model.stores import remote_place
from model.stores.remote_place import RemotePlace


class Moody(MemoryFileSystem):  # type: ignore[misc]  # fsspec publishes no types
    """Objects in memory, written exclusively; `moods` are taken one a write: how it is answered instead."""

    cachable = False

    def __init__(self, *moods: str) -> None:
        super().__init__()
        self.moods = list(moods)

    def pipe_file(self, path: str, value: bytes, mode: str = "overwrite", **settings: Any) -> None:
        mood = self.moods.pop(0) if self.moods else "good"
        if mood == "refuses":
            raise PermissionError("Access Denied")
        if mood == "busy":
            raise OSError("The operation conflicts with another")
        super().pipe_file(path, value, mode="overwrite" if mood == "overwrites" else mode, **settings)
        if mood == "answer lost":
            raise OSError("At least one of the pre-conditions you specified did not hold")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(remote_place, "_PAUSES", (0.0, 0.0, 0.0))


def _place(*moods: str) -> RemotePlace:
    # The proof that the place creates exclusively goes first: two writes of a good place.
    bucket = f"/{uuid.uuid4().hex}"
    MemoryFileSystem().mkdir(bucket)
    return RemotePlace(Moody("good", "good", *moods), f"{bucket}/team", "s3://bucket/team")


def test_the_second_to_create_a_record_loses_it() -> None:
    place = _place()
    assert place.create("runs/1", b"first") is True
    assert place.create("runs/1", b"second") is False
    assert place.read("runs/1") == b"first"


def test_an_answer_that_was_lost_does_not_hide_that_we_were_first() -> None:
    place = _place("answer lost")
    assert place.create("runs/1", b"ours") is True


def test_a_place_that_is_busy_is_asked_again_and_not_for_ever() -> None:
    assert _place("busy", "busy").create("runs/1", b"ours") is True
    with pytest.raises(RegistryError, match=r"registry s3://bucket/team: The operation conflicts with another"):
        _place(*["busy"] * 4).create("runs/1", b"ours")


def test_a_place_that_overwrites_is_refused_before_anything_is_written_to_it() -> None:
    place = RemotePlace(Moody("overwrites", "overwrites"), f"/{uuid.uuid4().hex}", "s3://bucket/team")
    with pytest.raises(RegistryError, match=r"overwrites what it should only create \(it heeds no If-None-Match\)"):
        place.create("runs/1", b"ours")
    with pytest.raises(FileNotFoundError):
        place.read("runs/1")


def test_a_refusal_says_who_gives_credentials() -> None:
    with pytest.raises(RegistryError, match=r"Access Denied; its own configuration gives the credentials"):
        _place("refuses").create("runs/1", b"ours")


def test_the_proof_is_kept_in_the_place_and_takes_one_write_from_then_on() -> None:
    bucket = f"/{uuid.uuid4().hex}"
    first = RemotePlace(Moody(), bucket, "s3://bucket")
    first.create("runs/1", b"1")
    proof = first.read("registry.json")
    moody = Moody("good", "refuses")
    with pytest.raises(RegistryError, match="Access Denied"):
        RemotePlace(moody, bucket, "s3://bucket").create("runs/2", b"2")
    assert first.read("registry.json") == proof


@pytest.mark.parametrize("key", ["../other", "a/../b", "/a", "a//b", "", "a\\b", ".git/config"])
def test_no_key_leads_out_of_the_place(key: str) -> None:
    place = _place()
    place.create("other/kept", b"1")
    for act in (place.read, place.remove, place.folders, place.below, place.modified):
        with pytest.raises(ConfinedError):
            act(key)
    with pytest.raises(ConfinedError):
        place.write(key, b"2")
    assert place.read("other/kept") == b"1"


@pytest.mark.parametrize("path", ["../escaped", "a/../../escaped", "/escaped", "link/escaped"])
def test_a_listed_name_that_leads_out_of_the_folder_is_not_fetched(path: str, tmp_path: Path) -> None:
    (tmp_path / "to").mkdir()
    (tmp_path / "to" / "link").symlink_to(tmp_path)
    with pytest.raises(ConfinedError):
        _place().download("files", ["fine", path], tmp_path / "to")
    assert sorted(each.name for each in tmp_path.iterdir()) == ["to"]


@pytest.mark.parametrize("key", ["runs/*", "runs/a?", "runs/[a]_1", "files/models/*"])
def test_a_key_that_reads_as_a_pattern_is_refused_and_nothing_is_removed(key: str) -> None:
    place = _place()
    assert place.create("runs/a_1/run.json", b"1")
    for act in (place.remove, place.read, place.below, place.folders, lambda each: place.read_many([each])):
        with pytest.raises(RegistryError, match="can't be a key"):
            act(key)
    assert place.read("runs/a_1/run.json") == b"1"


@pytest.mark.parametrize("base", ["bucket/*", "bucket/[t]eam", "b?cket/team"])
def test_a_place_that_reads_as_a_pattern_is_refused(base: str) -> None:
    with pytest.raises(RegistryError, match="could mean other places"):
        RemotePlace(MemoryFileSystem(), base, f"s3://{base}")


def test_objects_whose_names_read_as_patterns_are_not_listed(monkeypatch: pytest.MonkeyPatch) -> None:
    place = _place()
    assert place.create("runs/a_1/run.json", b"1")
    with monkeypatch.context() as stranger:
        stranger.setattr(remote_place, "_PATTERN", re.compile("(?!)"))
        for name in ("*", "[a]_2"):
            place.write(f"runs/{name}/run.json", b"2")
    assert place.folders("runs") == ["a_1"]
    assert list(place.below("runs")) == ["a_1/run.json"]
