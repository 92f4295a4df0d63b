"""`down` beside stacks that are not this home's, with a real Pulumi."""

from __future__ import annotations

import json
import os
import subprocess
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.down import down, known_stacks
from workbench.toolchain.engines import find_engine
from workbench.toolchain.errors import ToolchainError
from workbench.toolchain.places import find_places
from workbench.toolchain.record import update_record
from workbench.toolchain.shell import own_backend

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.toolchain.places import Places
    from workbench.toolchain.versions import Versions

pytestmark = pytest.mark.engines

_PROJECT = "name: {name}\nruntime: yaml\nresources: {{}}\n"


class Stacks:
    """Makes stacks without resources in several backends."""

    def __init__(self, folder: Path, places: Places) -> None:
        self._folder, self._places = folder, places
        self.project(places.project, "mine")
        for made in (places.state, places.pulumi_home):
            made.mkdir(parents=True)

    @staticmethod
    def project(folder: Path, name: str) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "Pulumi.yaml").write_text(_PROJECT.format(name=name))
        return folder

    def make(self, name: str, backend: str, project: Path | None = None) -> None:
        extra = {"PULUMI_BACKEND_URL": backend, "PULUMI_HOME": str(self._places.pulumi_home)}
        command = ["pulumi", "stack", "init", name, "--non-interactive", "--cwd", str(project or self._places.project)]
        subprocess.run(command, env={**os.environ, **extra}, check=True, capture_output=True)

    def fill(self, project: str, name: str) -> None:
        """Give a stack of the own backend a resource."""
        path = self._places.state / ".pulumi" / "stacks" / project / f"{name}.json"
        state = json.loads(path.read_text())
        kind = "pulumi:pulumi:Stack"
        resource = {"urn": f"urn:pulumi:{name}::{project}::{kind}::{project}-{name}", "custom": False, "type": kind}
        state["checkpoint"]["latest"] = {"manifest": {"time": "2026-01-01T00:00:00Z", "magic": "", "version": ""}}
        state["checkpoint"]["latest"]["resources"] = [resource]
        path.write_text(json.dumps(state))


@pytest.fixture
def stacks(tmp_path: Path, places: Places, versions: Versions, monkeypatch: pytest.MonkeyPatch) -> Stacks:
    pulumi = find_engine(versions.engines["pulumi"], find_places())
    assert pulumi is not None, "no pulumi; run `make engines`"
    monkeypatch.setenv("PATH", f"{pulumi.folder}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.setenv("PULUMI_CONFIG_PASSPHRASE", "none")
    monkeypatch.delenv("PULUMI_CONFIG_PASSPHRASE_FILE", raising=False)
    monkeypatch.delenv("PULUMI_BACKEND_URL", raising=False)
    monkeypatch.setenv("DOCKER_HOST", "unix:///nowhere/docker.sock")
    return Stacks(tmp_path, places)


def test_a_stack_of_a_teams_backend_is_named_and_stays(
    stacks: Stacks,
    places: Places,
    versions: Versions,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    (tmp_path / "team").mkdir()
    team = f"file://{tmp_path}/team"
    stacks.make("staging", team)
    stacks.make("staging", own_backend(places))
    monkeypatch.setenv("PULUMI_BACKEND_URL", team)

    down(places, versions, sure=True)

    told = capfd.readouterr().err
    assert f"left alone: stack staging in {team}; to destroy it, now: pulumi destroy --stack staging\n" in told
    assert "  stack staging: all its resources\n" in told
    assert (tmp_path / "team" / ".pulumi" / "stacks" / "mine" / "staging.json").exists()
    assert known_stacks(places) == []


def test_a_stack_of_another_project_in_this_home_is_named_and_stays(
    stacks: Stacks, places: Places, versions: Versions, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stacks.make("dev", own_backend(places), stacks.project(tmp_path / "theirs", "theirs"))
    down(places, versions, sure=True)
    told = capfd.readouterr().err
    assert "left alone: stack organization/theirs/dev of another project; to destroy it, now, in its folder: " in told
    assert (places.state / ".pulumi" / "stacks" / "theirs" / "dev.json").exists()


def test_a_dockerd_stays_while_a_stack_that_is_left_alone_has_resources(
    stacks: Stacks, places: Places, versions: Versions, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stacks.make("dev", own_backend(places), stacks.project(tmp_path / "theirs", "theirs"))
    stacks.fill("theirs", "dev")
    data = places.dockerd / "data"
    data.mkdir(parents=True)
    places.image_tags.touch()
    update_record(places, "dockerd", "daemon", {"pid": 4194305, "started": 0, "data": str(data), "runtime": "/run/x"})

    down(places, versions, sure=True)

    told = capfd.readouterr().err
    assert (
        f"kept: dockerd 4194305 with all its data in {data}, because stacks that are left alone may run on it" in told
    )
    assert "make down DOCKERD=1" in told
    assert data.is_dir()
    assert places.image_tags.exists()

    down(places, versions, sure=True, with_dockerd=True)

    assert not data.exists()
    told = capfd.readouterr().err
    assert f"  dockerd 4194305 and all its data in {data}\n" in told
    assert f"kept: {places.pulumi_home} (plugins, credentials), {places.state} (the stacks' states), " in told


def test_a_dockerd_goes_where_the_stacks_that_are_left_alone_are_empty(
    stacks: Stacks, places: Places, versions: Versions, tmp_path: Path
) -> None:
    stacks.make("dev", own_backend(places), stacks.project(tmp_path / "theirs", "theirs"))
    data = places.dockerd / "data"
    data.mkdir(parents=True)
    update_record(places, "dockerd", "daemon", {"pid": 4194305, "started": 0, "data": str(data), "runtime": "/run/x"})
    down(places, versions, sure=True)
    assert not data.exists()


def test_a_teams_backend_out_of_reach_stops_nothing_and_its_password_is_not_told(
    stacks: Stacks,
    places: Places,
    versions: Versions,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    stacks.make("staging", own_backend(places))
    monkeypatch.setenv("PULUMI_BACKEND_URL", "postgres://ann:secret@127.0.0.1:9/states")
    down(places, versions, sure=True)
    told = capfd.readouterr().err
    assert "left alone: all stacks in postgres://127.0.0.1:9/states, which cannot be listed: " in told
    assert "secret" not in told
    assert known_stacks(places) == []


def test_a_stack_that_cannot_be_destroyed_stops_all_that_follows(
    stacks: Stacks, places: Places, versions: Versions
) -> None:
    stacks.make("staging", own_backend(places))
    places.image_tags.touch()
    (places.state / ".pulumi" / "stacks" / "mine" / "staging.json").write_text("{")
    with pytest.raises(ToolchainError):
        down(places, versions, sure=True)
    assert places.image_tags.exists()
