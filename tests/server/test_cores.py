import os
from pathlib import Path

import pytest

from workbench.server.cores import count, quota


def write(folder: Path, **files: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / name.replace("__", ".")).write_text(text + "\n", encoding="utf-8")


@pytest.mark.parametrize(("text", "cores"), [("150000 100000", 1.5), ("400000 100000", 4.0), ("max 100000", None)])
def test_a_containers_own_quota_is_at_the_root(tmp_path: Path, text: str, cores: float | None) -> None:
    write(tmp_path, cpu__max=text)
    assert quota(tmp_path, "0::/\n") == cores


def test_the_smallest_quota_on_the_way_up_counts(tmp_path: Path) -> None:
    write(tmp_path / "pod", cpu__max="200000 100000")
    write(tmp_path / "pod" / "container", cpu__max="300000 100000")
    assert quota(tmp_path, "0::/pod/container\n") == 2.0


@pytest.mark.parametrize("folder", ["cpu", "cpu,cpuacct"])
def test_the_first_version_of_cgroups_is_read_too(tmp_path: Path, folder: str) -> None:
    write(tmp_path / folder, cpu__cfs_quota_us="250000", cpu__cfs_period_us="100000")
    assert quota(tmp_path, "5:memory:/docker/a\n4:cpuacct,cpu:/docker/a\n0::/\n") == 2.5


def test_no_limit_in_the_first_version_is_none(tmp_path: Path) -> None:
    write(tmp_path / "cpu", cpu__cfs_quota_us="-1", cpu__cfs_period_us="100000")
    assert quota(tmp_path, "4:cpu:/\n") is None


@pytest.mark.parametrize("text", ["", "max", "0", "a b", "100000 0", "1 2 3"])
def test_a_file_that_says_nothing_limits_nothing(tmp_path: Path, text: str) -> None:
    write(tmp_path, cpu__max=text)
    assert quota(tmp_path, "0::/\n") is None


def test_without_cgroups_nothing_is_limited(tmp_path: Path) -> None:
    assert quota(tmp_path / "absent", "") is None


def test_this_machine_has_no_more_cores_than_this_process_may_run_on() -> None:
    allowed = os.sched_getaffinity(0)
    assert 1 <= count() <= len(allowed)
    os.sched_setaffinity(0, {min(allowed)})
    try:
        assert count() == 1
    finally:
        os.sched_setaffinity(0, allowed)
