"""A service changes its model under load; nobody notices, not even when the new one is broken."""

from __future__ import annotations

import docker

from tests.integration.clients import Clients
from tests.integration.workspace import SERVICE, Workspace

BROKEN = (
    "def init():\n    raise RuntimeError('the feature store is away')\n\n\ndef run(input_df):\n    return input_df\n"
)
ANSWERS = 300


def test_from_version_1_over_2_and_a_broken_3_to_4_no_request_fails(
    workspace: Workspace, engine: docker.DockerClient
) -> None:
    stack = workspace.new_stack()
    first = workspace.train(1, stack)
    workspace.up(stack)
    before, key = workspace.service(stack), workspace.key(stack)

    with Clients(before["scoringUrl"], key, workspace.examples(first["manifest"])) as clients:
        clients.wait_for_answers(ANSWERS)
        second = workspace.train(2, stack)
        workspace.up(stack)
        clients.wait_for_answers(ANSWERS)
        _pin_broken(workspace, stack, second["version"])
        broken = workspace.up(stack, check=False)
        during = workspace.service(stack)
        clients.wait_for_answers(ANSWERS)
        fourth = workspace.train(4, stack)
        workspace.up(stack)
        clients.wait_for_answers(ANSWERS)

    assert clients.tally.failures == {}
    assert set(clients.tally.versions) == {first["version"], second["version"], fourth["version"]}
    assert broken.code != 0
    assert "the feature store is away" in broken.out
    assert during["manifest"] == second["manifest"]
    after = workspace.service(stack)
    assert (after["scoringUrl"], workspace.key(stack)) == (before["scoringUrl"], key)
    assert after["manifest"] == fourth["manifest"]
    assert len(_containers(engine, stack)) == 1, "old and broken releases are gone"
    # What was moved at run time is in the gateway as it is in the state.
    workspace.pulumi("refresh", "-s", stack, "--yes", "--skip-preview", "--expect-no-changes")


def test_a_rollback_is_the_old_pin_and_an_up(workspace: Workspace) -> None:
    stack = workspace.new_stack()
    first = workspace.train(1, stack)
    workspace.up(stack)
    image = workspace.service(stack)["image"]
    pinned = workspace.stack_file(stack).read_text()
    workspace.train(2, stack)
    workspace.up(stack)

    workspace.stack_file(stack).write_text(pinned)
    workspace.up(stack)

    assert workspace.service(stack)["manifest"] == first["manifest"]
    assert workspace.service(stack)["image"] == image, "the image that served before, not one built anew"


def test_a_service_that_begins_broken_is_healed_by_the_next_good_up(
    workspace: Workspace, engine: docker.DockerClient
) -> None:
    stack = workspace.new_stack()
    _pin_broken(workspace, stack, 1)
    broken = workspace.up(stack, check=False)
    trained = workspace.train(1, stack)

    workspace.up(stack)

    assert broken.code != 0
    assert "the feature store is away" in broken.out
    assert workspace.service(stack)["manifest"] == trained["manifest"]
    assert len(_containers(engine, stack)) == 1


def _pin_broken(workspace: Workspace, stack: str, version: int) -> None:
    script = workspace.folder / "broken.py"
    script.write_text(BROKEN)
    workspace.workbench(
        "manifest", "create", "-n", SERVICE, "-i", f"churn:{version}", "-f", str(script), "--stack", stack
    )


def _containers(engine: docker.DockerClient, stack: str) -> list[str | None]:
    labels = [f"workbench.stack={stack}", f"workbench.service={SERVICE}"]
    return [each.name for each in engine.containers.list(all=True, filters={"label": labels})]
