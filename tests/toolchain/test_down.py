from __future__ import annotations

import dataclasses
import io
import json
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.cluster.layout import layout
from workbench.toolchain.daemon import start_time
from workbench.toolchain.down import down, is_foreign, repositories
from workbench.toolchain.errors import ToolchainError
from workbench.toolchain.record import update_record

if TYPE_CHECKING:
    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Versions


@pytest.fixture(autouse=True)
def no_engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """No engine and no backend of the person who runs the tests."""
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)


def test_where_nothing_was_made_nothing_is_removed(
    places: Places, versions: Versions, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    down(places, versions, sure=True)
    assert capfd.readouterr().err == "nothing to remove: no stack, no cluster, no dockerd and no images of ours\n"


def test_it_names_what_it_removes_and_refuses_to_guess_an_answer(
    places: Places, versions: Versions, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    data = places.dockerd / "data"
    data.mkdir(parents=True)
    update_record(places, "dockerd", "daemon", {"pid": 4194305, "started": 0, "data": str(data), "runtime": "/run/x"})
    monkeypatch.setattr("sys.stdin", io.StringIO())
    with pytest.raises(ToolchainError, match="add YES=1 or --yes"):
        down(places, versions, sure=False)
    assert f"  dockerd 4194305 and all its data in {data}\n" in capfd.readouterr().err
    assert data.is_dir()


def test_a_cluster_is_named_and_goes(places: Places, versions: Versions, capfd: pytest.CaptureFixture[str]) -> None:
    # A cluster of a home with a long path lies in /var/lib, where only root may write.
    with tempfile.TemporaryDirectory(dir="/tmp") as home:
        short = dataclasses.replace(places, home=Path(home))
        root = layout(short).root
        root.mkdir(parents=True)
        down(short, versions, sure=True)
        assert f"  the test cluster, all that runs in it and its data in {root}\n" in capfd.readouterr().err
        assert not root.exists()


def test_a_stranger_with_the_recorded_pid_lives_on_while_our_data_goes(places: Places, versions: Versions) -> None:
    (places.dockerd / "data").mkdir(parents=True)
    with subprocess.Popen(["sleep", "60"]) as stranger:
        ours: dict[str, object] = {"pid": stranger.pid, "started": (start_time(stranger.pid) or 0) - 1}
        ours |= {"data": str(places.dockerd / "data"), "runtime": str(places.dockerd)}
        update_record(places, "dockerd", "daemon", ours)
        down(places, versions, sure=True)
        assert stranger.poll() is None
        stranger.kill()
    assert not places.dockerd.exists()


def test_the_repositories_of_images_that_a_stack_made_are_read_from_its_state() -> None:
    pushed = {"type": "docker:index/registryImage:RegistryImage", "outputs": {"name": "127.0.0.1:5001/churnpred:ab12"}}
    built = {"type": "docker:index/remoteImage:RemoteImage", "outputs": {"name": "churn-prod-gateway:cd34"}}
    copied = {"type": built["type"], "outputs": {"name": "127.0.0.1:5000/churnpred@sha256:ef56"}}
    network = {"type": "docker:index/network:Network", "outputs": {"name": "churn-prod"}}

    export = json.dumps({"deployment": {"resources": [pushed, built, copied, network]}})

    assert repositories(export) == {"127.0.0.1:5001/churnpred", "churn-prod-gateway"}
    assert repositories(json.dumps({"deployment": {"resources": None}})) == set()


def test_the_own_backend_is_known_in_every_spelling(places: Places, tmp_path: Path) -> None:
    places.state.mkdir(parents=True)
    (tmp_path / "link").symlink_to(places.state)
    own = ["", f"file://{places.state}", f"file://{places.state}/", f"file://{tmp_path}/link"]
    assert not any(is_foreign(url, places) for url in own)
    assert all(is_foreign(url, places) for url in ("s3://states", "https://api.pulumi.com", "file:///elsewhere"))
