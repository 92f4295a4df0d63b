"""Models in a bucket, written by many at the same time."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.registry.models.writers import Writers
from workbench.core.canonical import canonical_json, sha256_hex
from workbench.core.errors import RegistryError
from workbench.registry.manifests import manifest
from workbench.registry.models.registry import ModelRegistry, ModelVersion

pytestmark = pytest.mark.long

_FILES = {"model.onnx": b"1" * 10_000, "deep/notes.txt": b"x"}


def _register(content: str = "1") -> ModelVersion:
    files = {**_FILES, "model.onnx": content.encode() * 10_000}
    return ModelRegistry().register("churn", files, run_id="churn_1", metrics={"accuracy": 0.5})


def test_a_version_is_read_back_from_another_machine(place: dict[str, str], bucket: Path) -> None:
    assert ModelRegistry().list() == []
    version = _register()
    shutil.rmtree(place["XDG_CACHE_HOME"], ignore_errors=True)
    found = ModelRegistry().get("churn", 1)
    assert found == version
    files = found.fetch()
    assert (files / "model.onnx").read_bytes() == _FILES["model.onnx"]
    assert files.is_relative_to(place["XDG_CACHE_HOME"])
    assert sorted(path.name for path in bucket.iterdir()) == ["files", "models", "registry.json"]
    # Not in the bucket: what `pulumi preview` reads stays in the home.
    assert found.folder / "files" == files


def test_a_fetched_model_is_kept_until_it_is_damaged(place: dict[str, str], bucket: Path) -> None:
    del place
    files = _register().fetch()
    shutil.rmtree(bucket / "files")
    assert ModelRegistry().get("churn", 1).fetch() == files
    (files / "model.onnx").write_bytes(b"2")
    with pytest.raises(RegistryError, match=r"churn:1 was tampered with: (deep/notes.txt|model.onnx) is missing"):
        ModelRegistry().get("churn", 1).fetch()


def test_damage_in_the_bucket_is_found_before_use_and_damage_here_is_mended(place: dict[str, str]) -> None:
    version = _register()
    files = version.fetch()
    (files / "model.onnx").write_bytes(b"2")
    assert (version.fetch() / "model.onnx").read_bytes() == _FILES["model.onnx"]
    shutil.rmtree(place["XDG_CACHE_HOME"])
    version.store.replace(f"{version.files_key}/model.onnx", b"2")
    with pytest.raises(RegistryError, match=r"tampered with: model.onnx has sha256 .* in s3://.*/files/models/"):
        version.fetch()
    assert not list(Path(place["XDG_CACHE_HOME"]).rglob("model.onnx"))


def test_a_record_that_leads_out_of_the_folder_is_refused(place: dict[str, str]) -> None:
    version = _register()
    record = version.document() | {"files_key": version.files_key}
    record["files"][0]["path"] = "../../../escaped"
    record["digest"] = "sha256:" + sha256_hex(canonical_json(record["files"]))
    version.store.replace(f"{version.key}/model.json", canonical_json(record))
    shutil.rmtree(place["XDG_CACHE_HOME"], ignore_errors=True)
    with pytest.raises(RegistryError, match=r"model.json cannot be read \(files is .*not a list of files"):
        ModelRegistry().get("churn", 1).fetch()


@pytest.mark.parametrize("files_key", ["models", "../other", "files/models", "files/runs", ""])
def test_a_record_that_names_another_place_for_its_files_deletes_nothing(
    place: dict[str, str], bucket: Path, files_key: str
) -> None:
    del place
    version = _register()
    record = version.document() | {"files_key": files_key}
    version.store.replace(f"{version.key}/model.json", canonical_json(record))
    before = sorted(bucket.rglob("*"))
    with pytest.raises(RegistryError, match="files_key is"):
        ModelRegistry().delete("churn", 1)
    assert sorted(bucket.rglob("*")) == before


def test_files_that_another_record_names_too_stay_when_that_one_is_deleted(place: dict[str, str]) -> None:
    del place
    version = _register()
    record = version.document() | {"name": "evil", "files_key": version.files_key}
    assert version.store.create("models/evil/1/model.json", canonical_json(record))
    ModelRegistry().delete("evil", 1)
    assert version.store.files(version.files_key, version.files)


def test_a_manifest_is_made_of_a_model_in_the_bucket(place: dict[str, str], tmp_path: Path) -> None:
    version = _register()
    shutil.rmtree(place["XDG_CACHE_HOME"], ignore_errors=True)
    parts = {name: tmp_path / name for name in ("score.py", "service_schema.json", "requirements.txt")}
    for path in parts.values():
        path.write_text("{}")
    made = manifest.create(
        "churnpred",
        [ModelRegistry().get("churn", 1)],
        score=parts["score.py"],
        schema=parts["service_schema.json"],
        requirements=parts["requirements.txt"],
    )
    assert made.folder.is_relative_to(place["WORKBENCH_HOME"])
    assert made.models[0]["digest"] == version.digest


def test_tags_deletion_and_listing_are_as_in_a_folder(place: dict[str, str], bucket: Path) -> None:
    del place
    for text in ("1", "2", "3"):
        _register(text)
    registry = ModelRegistry()
    registry.tag("churn", 1, {"stage": "tried"})
    registry.tag("churn", 1, {"owner": "ann"}, remove=["stage"])
    registry.delete("churn", 3)
    assert [(each.version, each.tags) for each in ModelRegistry().list()] == [(1, {"owner": "ann"}), (2, {})]
    assert _register("3").version == 4
    assert len(list((bucket / "files/models").iterdir())) == 3
    assert ModelRegistry().find(ModelRegistry().get("churn", 2).id[:19]).version == 2


def test_sixteen_processes_get_sixteen_numbers(writers: Writers) -> None:
    writers.register(16, each=1)
    assert writers.wait() == [0] * 16
    assert sorted(writers.told.values()) == list(range(1, 17))
    for version in ModelRegistry().list("churn"):
        assert (version.fetch() / "deep" / "notes.txt").read_text() == version.run_id


def test_sixteen_processes_with_equal_files_get_one_number(writers: Writers) -> None:
    writers.register(16, each=1, same=True)
    assert writers.wait() == [0] * 16
    assert writers.told == {"same": 1}
    (version,) = ModelRegistry().list()
    assert ModelRegistry().litter(-1) == []  # the losers took their files with them
    version.verify()


def test_killed_writers_leave_no_torn_record_and_stop_nobody(writers: Writers) -> None:
    writers.register(16, each=3)
    writers.hear()
    writers.kill(8, seconds=4, seed=1)
    assert set(writers.wait()) == {0, -9}
    registry = ModelRegistry()
    versions = registry.list("churn")
    numbers = {each.run_id: each.version for each in versions}
    assert sorted(numbers.values()) == list(range(1, len(versions) + 1))
    assert writers.told.items() <= numbers.items()
    for version in versions:
        assert (version.fetch() / "deep" / "notes.txt").read_text() == version.run_id
    for key in registry.litter(-1):
        registry.store.remove(key)
    assert registry.litter(-1) == []
    for version in ModelRegistry().list("churn"):
        version.verify()
    assert _register("afterwards").version == len(versions) + 1


def test_tags_set_at_the_same_time_are_all_kept(writers: Writers) -> None:
    _register()
    keys = [f"key{index}" for index in range(6)]
    writers.tag(keys)
    assert writers.wait() == [0] * 6
    assert ModelRegistry().get("churn", 1).tags == dict.fromkeys(keys, "set")
