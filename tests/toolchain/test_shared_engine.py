"""Two homes that use one engine of somebody else's."""

from __future__ import annotations

import dataclasses
import uuid
from typing import TYPE_CHECKING

import pytest

from workbench.toolchain.debian import architecture
from workbench.toolchain.dockerd import find_docker
from workbench.toolchain.images import holder, plan, release
from workbench.toolchain.places import find_places
from workbench.toolchain.process import read

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.toolchain.places import Places
    from workbench.toolchain.process import Log
    from workbench.toolchain.versions import Versions

pytestmark = pytest.mark.engines


def test_a_base_image_goes_with_the_last_home_that_holds_it(
    log: Log, places: Places, versions: Versions, tmp_path: Path
) -> None:
    docker = find_docker(find_places())
    assert docker is not None, "no engine; run `make engines`"
    homes = [places, dataclasses.replace(places, home=tmp_path / "other")]
    tag = f"workbench-{uuid.uuid4().hex}:1"
    for name in (tag, *(holder(tag, home) for home in homes)):
        read(docker.command("tag", plan(versions, architecture())["base"].tag, name))

    release(log, docker, tag, homes[0])
    assert docker.image_id(tag)
    release(log, docker, tag, homes[1])
    assert docker.image_id(tag) is None
