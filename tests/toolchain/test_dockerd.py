from __future__ import annotations

import dataclasses
import os
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.docker import DEFAULT_HOST
from workbench.toolchain.dockerd import (
    chosen_host,
    ensure_docker,
    mounts_under,
    recorded,
    recorded_network,
    runtime_folder,
)
from workbench.toolchain.errors import MissingError
from workbench.toolchain.places import Places
from workbench.toolchain.record import update_record

if TYPE_CHECKING:
    from workbench.toolchain.process import Log
    from workbench.toolchain.versions import Versions


def test_sockets_lie_in_the_home_if_its_path_is_short() -> None:
    places = Places(project=Path("/p"), home=Path("/home/ada/.local/share/workbench"), cache=Path("/c"))
    assert runtime_folder(places) == places.dockerd


def test_sockets_of_a_long_home_lie_in_a_short_folder_of_their_own() -> None:
    homes = [Path("/", "a" * 90, name) for name in ("one", "two")]
    folders = [runtime_folder(Places(project=Path("/p"), home=home, cache=Path("/c"))) for home in homes]
    assert len(set(folders)) == 2
    assert all(len(os.fsencode(folder / "exec/containerd/containerd.sock.ttrpc")) <= 107 for folder in folders)


def test_an_engine_that_the_user_names_and_that_is_down_is_not_replaced(
    log: Log, places: Places, versions: Versions
) -> None:
    named = {"DOCKER_HOST": "unix:///nowhere/docker.sock"}
    with pytest.raises(MissingError, match=r"DOCKER_HOST=unix:///nowhere/docker\.sock does not answer; start"):
        ensure_docker(log, places, versions, named)
    assert recorded(places) is None
    assert not places.dockerd.exists()


def test_mounts_below_a_folder_come_deepest_first() -> None:
    line = "36 35 98:0 / {} rw,noatime master:1 - ext3 /dev/root rw\n"
    points = ["/h/dockerd", "/h/dockerd/data/overlay2/a/merged", "/h/dockerd-other", r"/h/dockerd/a\040b", "/h"]
    mountinfo = "".join(line.format(point) for point in points)
    assert mounts_under(Path("/h/dockerd"), mountinfo) == [
        "/h/dockerd/data/overlay2/a/merged",
        "/h/dockerd/a b",
        "/h/dockerd",
    ]


def test_the_users_engine_wins_over_ours_and_ours_over_the_default(places: Places) -> None:
    runtime = str(runtime_folder(places))
    ours = f"unix://{runtime}/docker.sock"
    assert chosen_host(places, {}) == DEFAULT_HOST
    assert chosen_host(places, {"DOCKER_HOST": ours}) == DEFAULT_HOST  # a shell that has not noticed `make down`
    update_record(places, "dockerd", "daemon", {"pid": 4194305, "started": 0, "data": "/d", "runtime": runtime})
    assert chosen_host(places, {}) == ours
    assert chosen_host(places, {"DOCKER_HOST": DEFAULT_HOST}) == ours
    assert chosen_host(places, {"DOCKER_HOST": "ssh://far"}) == "ssh://far"


def test_the_names_of_our_network_stay_however_the_home_is_spelled(places: Places, tmp_path: Path) -> None:
    update_record(places, "dockerd", "network", {"mark": "0a1b2c3d", "block": "172.20.0.0/17"})
    (tmp_path / "link").symlink_to(places.home)
    other = dataclasses.replace(places, home=tmp_path / "link")
    assert other.mark != places.mark
    assert recorded_network(other) == recorded_network(places)
