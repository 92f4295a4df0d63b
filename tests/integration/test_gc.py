"""What releases leave on the engine: `workbench gc --images` names it, then removes just that."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import docker
import pytest

from tests.integration.workspace import SERVICE, Workspace

# Nobody else's: an image with the same content that another test's stack serves is in use, whatever it is called.
SEEDS = (81, 82)


@pytest.fixture
def gc(workspace: Workspace, tmp_path: Path) -> Any:
    """List what `gc --images` says of a stack's images; the cache is the test's own, as others build from theirs."""
    apart = Workspace(workspace.folder, {**workspace.environment, "XDG_CACHE_HOME": str(tmp_path / "cache")})

    def run(stack: str, *arguments: str) -> list[str]:
        found = json.loads(apart.workbench("gc", "--images", *arguments, "-o", "json").out)
        registry = f"127.0.0.1:{workspace.registry_ports[stack]}/"
        return [each["what"] for each in found if each["kind"] == "image" and each["what"].startswith(registry)]

    return run


def test_images_of_earlier_releases_go_when_asked_and_what_serves_stays(
    workspace: Workspace, engine: docker.DockerClient, gc: Any
) -> None:
    stack = workspace.new_stack()
    served = []
    for seed in SEEDS:
        workspace.train(seed, stack)
        workspace.up(stack)
        served.append(workspace.service(stack))
    old, new = (engine.images.get(each["image"]) for each in served)

    assert gc(stack) == [], "a rollback of today builds nothing"
    listed = gc(stack, "--older-than", "0", "--yes", "--dry-run")
    assert listed == old.tags
    assert engine.images.get(served[0]["image"]).tags == old.tags

    assert gc(stack, "--older-than", "0", "--yes") == listed
    with pytest.raises(docker.errors.ImageNotFound):
        engine.images.get(served[0]["image"])
    assert engine.images.get(served[1]["image"]).id == new.id
    assert gc(stack, "--older-than", "0") == []
    assert workspace.workbench("service", "run", "-n", SERVICE, "-s", stack, "--sample", "1").code == 0

    workspace.train(SEEDS[0], stack)
    workspace.up(stack)
    assert workspace.service(stack)["manifest"] == served[0]["manifest"], "going back makes it anew"
