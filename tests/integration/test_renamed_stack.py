"""A stack that `pulumi stack rename` gave another name serves on, with its keys, and nothing of it is replaced."""

from __future__ import annotations

import json

from tests.integration.workspace import SERVICE, Workspace


def test_a_renamed_stack_serves_with_its_keys_and_an_up_replaces_nothing(workspace: Workspace) -> None:
    old = workspace.new_stack()
    workspace.train(1, old)
    workspace.up(old)
    key, shown = workspace.key(old), workspace.service(old)
    new = f"{old}-renamed"
    workspace.pulumi("stack", "rename", new, "-s", old)
    workspace.stacks[:] = [new]
    workspace.registry_ports[new] = workspace.registry_ports[old]

    ran = workspace.workbench("service", "run", "-n", SERVICE, "-s", new, "--sample", "1", "-o", "json")
    previewed = json.loads(workspace.pulumi("preview", "-s", new, "--json").out)
    workspace.up(new)
    again = workspace.service(new)

    assert len(json.loads(ran.out)) == 1
    assert list(previewed["changeSummary"]) == ["same"], "nothing is made, changed or replaced"
    assert {**again, "stack": old} == shown
    assert workspace.outputs(new)["services"][SERVICE]["keysFolder"] == shown["keysFolder"]
    assert (workspace.home / "keys" / "churn" / old / SERVICE / "primary").read_text().strip() == key

    # Somebody else's home has no keys yet; a refresh writes them where they are looked for.
    (workspace.home / "keys" / "churn" / old / SERVICE / "primary").unlink()
    workspace.pulumi("refresh", "-s", new, "--yes", "--skip-preview")
    workspace.workbench("service", "run", "-n", SERVICE, "-s", new, "--sample", "1")

    removed = workspace.workbench("env", "delete", "-n", new, "--yes")
    workspace.stacks.clear()
    left = workspace.run("docker", "ps", "--all", "--format", "{{.Names}}").out.split()
    left += workspace.run("docker", "image", "ls", "--format", "{{.Repository}}").out.split()
    assert [each for each in left if old in each] == [], removed.err
    assert not (workspace.home / "keys" / "churn" / old / SERVICE / "primary").exists()
