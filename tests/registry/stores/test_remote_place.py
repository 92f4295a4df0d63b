"""What a place answers when it misbehaves in ways that a good server cannot be made to."""

import uuid
from pathlib import Path
from typing import Any

import pytest
from fsspec.implementations.memory import MemoryFileSystem

from workbench.core.confined import ConfinedError
from workbench.core.errors import RegistryError
from workbench.registry.stores import remote_place
from workbench.registry.stores.remote_place import RemotePlace


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


STRANGE = ["*", "a?1", "[a]_1", "a_[0-9]", "**", "{a,b}", "a_1*", "#1"]


class Exact(Moody):
    """A place that answers no question by a pattern."""

    def expand_path(self, path: Any, *_arguments: Any, **_settings: Any) -> list[str]:
        raise AssertionError(path)

    glob = cat = put = get = rm = expand_path


@pytest.mark.parametrize("name", STRANGE)
def test_a_name_that_reads_as_a_pattern_is_listed_and_is_that_name_alone(name: str, tmp_path: Path) -> None:
    bucket = f"/{uuid.uuid4().hex}"
    place = RemotePlace(Exact(), f"{bucket}/team", "s3://bucket/team")
    for each in ("a_1", "ab1", "b", name):
        assert place.create(f"runs/{each}/run.json", each.encode())
    (tmp_path / "from").mkdir()
    for each in ("a_1", name):
        (tmp_path / "from" / each).write_text(each)
    place.upload(tmp_path / "from", f"files/{name}")
    assert place.folders("runs") == sorted(["a_1", "ab1", "b", name])
    assert sorted(place.below(f"files/{name}")) == sorted(["a_1", name])
    assert place.read(f"runs/{name}/run.json") == name.encode()
    assert place.read_many([f"runs/{name}/run.json", f"runs/{name}/none", "runs/**/run.none"]) == {
        f"runs/{name}/run.json": name.encode()
    }
    place.download(f"files/{name}", [name, "none*"], tmp_path / "to")
    assert [path.read_text() for path in (tmp_path / "to").iterdir()] == [name]
    assert place.modified(f"runs/{name}/run.json")
    place.remove(f"runs/{name}")
    place.remove("runs/*")
    assert sorted(place.below("runs")) == ["a_1/run.json", "ab1/run.json", "b/run.json"]


@pytest.mark.parametrize("name", ["x?versionId=1", "x?versionid=", "y/z?versionId=/z"])
def test_a_name_that_fsspec_cuts_is_listed_and_refused_with_a_line(name: str) -> None:
    bucket = f"/{uuid.uuid4().hex}"
    place = RemotePlace(Moody(), f"{bucket}/team", "s3://bucket/team")
    place.write("runs/x", b"1")
    MemoryFileSystem().pipe_file(f"{bucket}/team/runs/{name}", b"2")
    assert sorted(place.below("runs")) == sorted(["x", name])
    for act in (place.remove, place.read, place.below, place.folders, lambda key: place.read_many([key])):
        with pytest.raises(RegistryError, match=r"registry s3://bucket/team: .*can't be a key") as told:
            act(f"runs/{name}")
        assert "\n" not in str(told.value)
    with pytest.raises(RegistryError, match="can't be a key"):
        place.remove("runs")
    assert place.read("runs/x") == b"1"


class Flat:
    """Names without folders, as S3 has them: an object may lie at a name and others below it."""

    def __init__(self, *names: str) -> None:
        self.names = {f"bucket/team/{name}": {"name": f"bucket/team/{name}", "type": "file"} for name in names}

    def find(self, path: str, **_settings: Any) -> dict[str, Any]:
        below = {name: info for name, info in self.names.items() if name.startswith(f"{path}/")}
        return below or {name: info for name, info in self.names.items() if name == path}

    def ls(self, path: str, **_settings: Any) -> list[dict[str, str]]:
        below = [name.removeprefix(f"{path}/").partition("/") for name in self.find(path)]
        return [{"name": f"{path}/{name}", "type": "directory" if sign else "file"} for name, sign, _ in below]

    def info(self, path: str) -> dict[str, str]:
        if path not in self.names:
            raise FileNotFoundError(path)
        return self.names[path]

    def rm_file(self, path: str) -> None:
        del self.names[path]

    def exists(self, _path: str) -> bool:
        return True


def test_what_lies_at_a_key_and_below_it_is_listed_and_removed_and_nothing_beside_it() -> None:
    flat = Flat("runs/ab", "runs/a/b", "runs/a/b/c", "runs/ab/c", "runs/a")
    place = RemotePlace(flat, "bucket/team", "s3://bucket/team")
    assert place.folders("runs") == ["a", "ab"]
    place.remove("runs/a")
    assert sorted(flat.names) == ["bucket/team/runs/ab", "bucket/team/runs/ab/c"]
    place.remove("runs/a")
    place.remove("runs/ab/c")
    assert list(flat.names) == ["bucket/team/runs/ab"]


def test_an_object_that_cannot_be_removed_is_told() -> None:
    class Kept(Moody):
        def rm_file(self, _path: str) -> None:
            raise PermissionError("Access Denied")

    place = RemotePlace(Kept(), f"/{uuid.uuid4().hex}", "s3://bucket/team")
    place.write("runs/a/b", b"1")
    with pytest.raises(RegistryError, match="Access Denied"):
        place.remove("runs/a")


@pytest.mark.parametrize("base", ["bucket/*", "bucket/[t]eam", "b?cket/team"])
def test_a_place_that_reads_as_a_pattern_is_refused(base: str) -> None:
    with pytest.raises(RegistryError, match="could mean other places"):
        RemotePlace(MemoryFileSystem(), base, f"s3://{base}")
