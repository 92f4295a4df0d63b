"""What docker is told, as far as it can be seen without an engine; tests/integration/test_experiment.py has one."""

import io
import os
import subprocess
import sys
import tarfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from workbench.experiments import targets
from workbench.experiments.configurations.compute import Compute
from workbench.experiments.targets import Job, TargetError, changed, container, job_archive, runtime_image
from workbench.experiments.targets.engine import Engine
from workbench.experiments.targets.snapshot import Snapshot


def _job(tmp_path: Path, **given: Any) -> Job:
    (tmp_path / "train.py").write_text("print(1)\n")
    settings: dict[str, Any] = {
        "id": "churn_17",
        "project": "churn",
        "snapshot": Snapshot({"code/train.py": tmp_path / "train.py"}),
        "command": ("train.py", "--data", "../data/1-big.csv"),
        "tracking": tmp_path / "tracking.jsonl",
        "folder": "code",
        **given,
    }
    return Job(**settings)


def _option(call: list[str], name: str) -> list[str]:
    return [value for option, value in pairwise(call) if option == name]


def test_a_container_has_no_network_no_rights_and_limits(tmp_path: Path) -> None:
    call = container.create(_job(tmp_path), Compute(name="docker", type="docker"), "image:1", "/vars")
    assert _option(call, "--network") == ["none"]
    assert _option(call, "--user") == ["10001:10001"]
    assert _option(call, "--cap-drop") == ["ALL"]
    assert _option(call, "--memory") == _option(call, "--memory-swap") == ["2g"]
    assert {"--read-only", "--init"} <= set(call)
    assert _option(call, "--label") == ["workbench.run=churn_17", "workbench.project=churn"]
    assert "--gpus" not in call
    assert "--privileged" not in call
    place = call.index("image:1")
    assert call[place + 3 :] == ["/workbench/project/code", "python3", "train.py", "--data", "../data/1-big.csv"]


def test_a_compute_says_what_a_container_gets_more(tmp_path: Path) -> None:
    compute = Compute(
        name="big", type="docker", network="bridge", cpus=1.5, memory="8g", gpu=True, python="python3.11",
        shared_directory="/srv/share",
    )  # fmt: skip
    call = container.create(_job(tmp_path), compute, "image:1", "/vars")
    assert (_option(call, "--network"), _option(call, "--cpus"), _option(call, "--gpus")) == (
        ["bridge"],
        ["1.5"],
        ["all"],
    )
    assert _option(call, "--mount") == ["type=bind,source=/srv/share,target=/share"]
    assert "python3.11" in call
    assert container.variables(_job(tmp_path), compute, [])["AZUREML_NATIVE_SHARE_DIRECTORY"] == "/share"


def test_java_finds_its_own_name_where_there_is_no_network(tmp_path: Path) -> None:
    job, alone = _job(tmp_path, spark="spark.master local\n"), Compute(name="docker", type="docker")
    assert _option(container.create(job, alone, "image:1", "/vars"), "--hostname") == ["localhost"]
    assert container.variables(job, alone, [])["SPARK_LOCAL_IP"] == "127.0.0.1"
    assert _option(container.create(_job(tmp_path), alone, "image:1", "/vars"), "--hostname") == []


def test_values_of_variables_stand_in_no_command_line(tmp_path: Path) -> None:
    job = _job(tmp_path, environment={"API_TOKEN": "s3cret", "WORKBENCH_RUN": "mine"})
    compute = Compute(name="docker", type="docker")
    assert "s3cret" not in " ".join(container.create(job, compute, "image:1", "/vars"))
    values = container.variables(job, compute, ["PATH=/bin", "PYTHONPATH=/opt/workbench/packages"])
    assert b"API_TOKEN=s3cret\n" in container.variables_file(values)
    assert values["WORKBENCH_RUN"] == "churn_17"
    assert values["PYTHONPATH"] == "/opt/workbench/packages:/workbench/support:/workbench/project"


def test_an_archive_has_the_project_the_support_and_the_marker_last(tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text("a\n")
    stream = io.BytesIO()
    job_archive.write(_job(tmp_path, data={"1-big.csv": tmp_path / "big.csv"}, spark="spark.master local\n"), stream)
    stream.seek(0)
    with tarfile.open(fileobj=stream) as archive:
        entries = {entry.name: entry for entry in archive}
    assert list(entries)[-1] == "marker"
    assert {"project/code/train.py", "project/outputs", "data/1-big.csv", "support/workbench/tracking.py",
            "support/azureml/logging/__init__.py", "spark-defaults.conf", "home"} <= set(entries)  # fmt: skip
    assert {entry.uid for entry in entries.values()} == {10001}
    assert entries["project/code"].isdir()


def test_hard_links_of_a_project_arrive_as_files(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("1")
    (tmp_path / "b").hardlink_to(tmp_path / "a")
    stream = io.BytesIO()
    job_archive.write(_job(tmp_path, snapshot=Snapshot({"a": tmp_path / "a", "b": tmp_path / "b"})), stream)
    stream.seek(0)
    job_archive.read(stream, tmp_path / "there")
    assert (tmp_path / "there" / "project" / "b").read_text() == "1"


def test_what_a_container_sends_stays_in_its_folder(tmp_path: Path) -> None:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name, kind in (("../up", tarfile.REGTYPE), ("/abs", tarfile.REGTYPE), ("link", tarfile.SYMTYPE),
                           ("dev", tarfile.CHRTYPE), ("ok/file", tarfile.REGTYPE)):  # fmt: skip
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, "/etc/hostname"
            archive.addfile(entry)
    stream.seek(0)
    job_archive.read(stream, tmp_path / "in")
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == ["file"]
    assert not Path("/abs").exists()


def test_changed_files_are_those_written_after_the_marker_whatever_their_dates_say(tmp_path: Path) -> None:
    project, marker = tmp_path / "project", tmp_path / "marker"
    (project / "__pycache__").mkdir(parents=True)
    for name in ("old", "rewritten"):
        (project / name).write_text("1")
    marker.touch()
    while marker.stat().st_ctime_ns >= _now(tmp_path):
        pass
    (project / "rewritten").write_text("2")
    (project / "back").write_text("3")
    os.utime(project / "back", (0, 0))
    (project / "__pycache__" / "x.pyc").write_text("4")
    (project / "link").symlink_to("old")
    expected = [project / "back", project / "rewritten"]
    assert list(changed.changed(project, marker)) == expected
    command = [sys.executable, "-", str(project), str(marker)]
    done = subprocess.run(command, input=Path(changed.__file__).read_bytes(), capture_output=True, check=True)
    job_archive.read(io.BytesIO(done.stdout), tmp_path / "got")
    assert sorted((tmp_path / "got").iterdir()) == [tmp_path / "got" / path.name for path in expected]


def _now(folder: Path) -> int:
    """The file system's own time."""
    (folder / "tick").touch()
    return (folder / "tick").stat().st_ctime_ns


def test_an_images_name_is_that_of_its_content() -> None:
    first = runtime_image.tag("base:1", "sha256:a")
    assert first == runtime_image.tag("base:1", "sha256:a")
    assert first.startswith("workbench-runtime:")
    assert len({first, runtime_image.tag("base:2", "sha256:a"), runtime_image.tag("base:1", "sha256:b")}) == 3


def test_an_engine_that_is_away_is_told_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"docker engine unix://.*/none.sock does not answer .*; run: make engines"):
        Engine(f"unix://{tmp_path}/none.sock").read("version")


def test_base_images_that_were_never_made_are_told(home: Path, tmp_path: Path) -> None:
    engine = Engine(f"unix://{tmp_path}/none.sock")
    with pytest.raises(TargetError, match=r"images.json is missing: .*; run: make engines"):
        runtime_image.base(engine, None, "Python", lambda _line: None)
    home.mkdir()
    (home / "images.json").write_text('{"debian": "workbench-debian:1"}')
    with pytest.raises(TargetError, match="names no image 'spark'; run: make spark, or"):
        runtime_image.base(engine, None, "PySpark", lambda _line: None)


def test_a_cluster_without_a_kubeconfig_is_one_line_that_names_it(tmp_path: Path) -> None:
    compute = Compute(name="k8s", type="kubernetes", kubeconfig=str(tmp_path / "none"))
    with pytest.raises(TargetError, match=r"k8s.compute: kubeconfig .*/none ") as told:
        targets.make(compute, tmp_path)
    assert "\n" not in str(told.value)
