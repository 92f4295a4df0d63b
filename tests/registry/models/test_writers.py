"""Many writers of one registry in a folder, and what is left when they are killed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.registry.models.writers import Writers
from workbench.core import atomic_files
from workbench.registry.models.registry import ModelRegistry

pytestmark = pytest.mark.slow


@pytest.fixture
def writers(root: Path, tmp_path: Path) -> Iterator[Writers]:
    made = Writers({"WORKBENCH_REGISTRY": str(root), "XDG_CACHE_HOME": str(tmp_path / "cache")})
    yield made
    made.end()


def test_sixteen_processes_get_sixteen_numbers(root: Path, writers: Writers) -> None:
    writers.register(16, each=1)
    assert writers.wait() == [0] * 16
    assert sorted(writers.told.values()) == list(range(1, 17))
    versions = ModelRegistry(root).list("churn")
    assert {each.run_id: each.version for each in versions} == writers.told
    for version in versions:
        assert (version.fetch() / "deep" / "notes.txt").read_text() == version.run_id
    assert atomic_files.litter(root, -1) == []


def test_sixteen_processes_with_equal_files_get_one_number(root: Path, writers: Writers) -> None:
    writers.register(16, each=1, same=True)
    assert writers.wait() == [0] * 16
    assert writers.told == {"same": 1}
    assert [each.version for each in ModelRegistry(root).list()] == [1]


@pytest.mark.parametrize("seed", range(3))
def test_killed_writers_leave_no_torn_record_and_stop_nobody(root: Path, writers: Writers, seed: int) -> None:
    writers.register(16, each=6)
    writers.hear()
    writers.kill(10, seconds=1, seed=seed)
    codes = writers.wait()
    assert codes.count(0) >= 6
    assert set(codes) == {0, -9}
    registry = ModelRegistry(root)
    versions = registry.list("churn")
    numbers = {each.run_id: each.version for each in versions}
    assert sorted(numbers.values()) == list(range(1, len(versions) + 1))
    # A writer may be killed after its claim and before it says so, never the other way round.
    assert writers.told.items() <= numbers.items()
    for version in versions:
        assert (version.fetch() / "deep" / "notes.txt").read_text() == version.run_id
    left = registry.litter(-1)
    for key in left:
        registry.store.remove(key)
    assert atomic_files.litter(root, -1) == []
    assert registry.list("churn") == versions
    files = {"model.onnx": b"afterwards"}
    assert registry.register("churn", files, run_id="", metrics={}).version == len(versions) + 1


def test_tags_set_at_the_same_time_are_all_kept(root: Path, writers: Writers) -> None:
    ModelRegistry(root).register("churn", {"model.onnx": b"1"}, run_id="", metrics={})
    keys = [f"key{index}" for index in range(12)]
    writers.tag(keys)
    assert writers.wait() == [0] * 12
    assert ModelRegistry(root).get("churn", 1).tags == dict.fromkeys(keys, "set")
