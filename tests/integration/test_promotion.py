"""prod runs what staging serves: the same digest, copied, never built again."""

from __future__ import annotations

import json

import docker

from tests.integration.clients import Clients
from tests.integration.workspace import SERVICE, Served, Workspace


def test_prod_runs_the_digest_that_staging_serves_and_needs_staging_no_more(
    workspace: Workspace, engine: docker.DockerClient
) -> None:
    staging, prod = workspace.new_stack(), workspace.new_stack()
    trained = workspace.train(1, staging)
    workspace.up(staging)

    workspace.workbench("promote", SERVICE, "--from", staging, "--to", prod)
    workspace.up(prod)

    there, here = workspace.service(staging), workspace.service(prod)
    assert here["image"].partition("@")[2] == there["image"].partition("@")[2]
    assert here["image"].partition("@")[0] != there["image"].partition("@")[0], "from prod's own registry"
    assert here["models"] == ["churn [Ver. 1]"]
    assert engine.images.get(here["image"]).id == engine.images.get(there["image"]).id
    assert workspace.key(prod) != workspace.key(staging)

    workspace.pulumi("destroy", "-s", staging, "--yes", "--skip-preview")
    workspace.pulumi("up", "-s", prod, "--yes", "--skip-preview", "--expect-no-changes")
    with Clients(here["scoringUrl"], workspace.key(prod), workspace.examples(trained["manifest"]), count=2) as clients:
        clients.wait_for_answers(10)
    assert clients.tally.failures == {}


def test_promoting_twice_leaves_the_file_as_it_is(served: Served) -> None:
    prod = served.workspace.new_stack()
    promote = ("promote", SERVICE, "--from", served.stack, "--to", prod)

    served.workspace.workbench(*promote)
    pinned = served.workspace.stack_file(prod).read_bytes()
    served.workspace.workbench(*promote)

    assert served.workspace.stack_file(prod).read_bytes() == pinned
    assert pinned.startswith(b"# made by a test\n")


def test_what_does_not_serve_cannot_be_promoted(workspace: Workspace) -> None:
    staging, prod = workspace.new_stack(), workspace.new_stack()
    before = workspace.stack_file(prod).read_bytes()

    refused = workspace.workbench("promote", SERVICE, "--from", staging, "--to", prod, check=False)

    assert refused.code == 1
    assert refused.err.startswith("error: ")
    assert len(refused.err.strip().splitlines()) == 1
    assert workspace.stack_file(prod).read_bytes() == before
    assert json.dumps(staging)[1:-1] in refused.err
