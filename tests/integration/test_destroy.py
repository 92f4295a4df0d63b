"""`pulumi destroy` takes away all a stack made, and nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import docker

from tests.integration.workspace import Workspace


def test_destroy_leaves_nothing_of_its_stack_and_all_of_another(
    workspace: Workspace, engine: docker.DockerClient
) -> None:
    gone, stays = workspace.new_stack(), workspace.new_stack()
    workspace.train(1, gone, stays)
    workspace.up(gone)
    workspace.up(stays)
    kept = _things(engine, stays)

    workspace.pulumi("destroy", "-s", gone, "--yes", "--skip-preview")

    assert _things(engine, gone) == set()
    assert _things(engine, stays) == kept
    assert len(kept) == 8, "two networks, three volumes, three containers"
    assert workspace.service(stays)["models"] == ["churn [Ver. 1]"]


def _things(engine: docker.DockerClient, stack: str) -> set[str | None]:
    label: Mapping[str, str | list[str] | bool] = {"label": f"workbench.stack={stack}"}
    found = engine.networks.list, engine.volumes.list, partial(engine.containers.list, all=True)
    return {each.id for listed in found for each in listed(filters=dict(label))}
