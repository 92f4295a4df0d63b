"""A stack in a real cluster: up to a score, updated, scaled and drained under load; what it gives away, and refuses."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from lightkube import Client
from lightkube.resources.apps_v1 import Deployment
from lightkube.resources.core_v1 import ConfigMap, Namespace, Pod, Secret, Service

from tests.cluster.cluster import Cluster
from tests.cluster.draining import cordoned, evict
from tests.cluster.looking import by_node, namespaces, pods, ready
from tests.integration.clients import Clients
from tests.integration.workspace import SERVICE, Workspace
from tests.waiting import until

ANSWERS = 200
REPLICAS = 3
CORES = 0.25  # of two that all stacks and runs of these tests share
ROLLOUTS = int(os.environ.get("ROLLOUTS", "20"))  # 200 in the long run


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory, trained: Workspace, cluster: Cluster) -> Iterator[Workspace]:
    assert cluster  # destroyed before another file may end the cluster
    made = trained.beside(tmp_path_factory.mktemp("stacks") / "project")
    yield made
    made.destroy()


@pytest.fixture(scope="module")
def stack(workspace: Workspace, cluster: Cluster) -> str:
    """One that serves version 1 by one pod."""
    made = workspace.new_stack(engine="kubernetes", kubeconfig=str(cluster.kubeconfig))
    workspace.train(1, made)
    workspace.set_service(made, cpu=CORES)
    workspace.up(made)
    return made


@pytest.fixture
def client(cluster: Cluster) -> Iterator[Client]:
    with cluster.client() as made:
        yield made


def clients_of(workspace: Workspace, stack: str, count: int = 4) -> Clients:
    shown = workspace.service(stack)
    return Clients(shown["scoringUrl"], workspace.key(stack), workspace.examples(shown["manifest"]), count=count)


def test_through_update_after_update_no_request_fails_and_url_and_keys_stay(workspace: Workspace, stack: str) -> None:
    before, key = workspace.service(stack), workspace.key(stack)
    first = workspace.stack_file(stack).read_text()
    second = workspace.train(2, stack)
    pins = [first.replace(before["manifest"], second["manifest"]), first]

    with clients_of(workspace, stack) as clients:
        for update in range(ROLLOUTS):
            workspace.stack_file(stack).write_text(pins[update % 2])
            workspace.up(stack)
            clients.wait_for_answers(ANSWERS)

    assert clients.tally.failures == {}
    assert set(clients.tally.versions) == {1, second["version"]}
    after = workspace.service(stack)
    assert (after["scoringUrl"], workspace.key(stack)) == (before["scoringUrl"], key)
    workspace.pulumi("refresh", "-s", stack, "--yes", "--skip-preview", "--expect-no-changes")
    workspace.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--expect-no-changes")


def test_a_turned_key_opens_within_seconds_and_restarts_no_pod(
    workspace: Workspace, stack: str, client: Client
) -> None:
    old, names = workspace.key(stack), pods(client, stack)

    workspace.set_service(stack, primaryKey=int(time.time()) % 1_000_000)
    workspace.up(stack)

    assert workspace.key(stack) != old
    shown = workspace.service(stack)
    with Clients(shown["scoringUrl"], workspace.key(stack), workspace.examples(shown["manifest"]), count=1) as clients:
        until(lambda: clients.tally.versions.total() > ANSWERS, 20)
    assert pods(client, stack) == names


@pytest.mark.usefixtures("two_nodes")
def test_a_drained_nodes_pods_move_and_those_too_many_leave_without_a_failed_request(
    workspace: Workspace, stack: str, client: Client
) -> None:
    workspace.set_service(stack, replicas=REPLICAS)
    workspace.up(stack)
    before = by_node(client, stack)
    assert sorted(map(len, before.values())) == [1, 2], before
    drained = max(before, key=lambda node: len(before[node]))

    with clients_of(workspace, stack) as clients:
        clients.wait_for_answers(ANSWERS)
        with cordoned(client, drained):
            for name in before[drained]:
                until(partial(evict, client, stack, name), 60)
            until(lambda: len(ready(client, stack)) == REPLICAS, 60)
            assert drained not in by_node(client, stack)
            clients.wait_for_answers(ANSWERS)
        workspace.set_service(stack, replicas=1)
        workspace.up(stack)
        until(lambda: len(pods(client, stack)) == 1, 60)
        clients.wait_for_answers(ANSWERS)

    assert clients.tally.failures == {}


def test_the_images_of_a_stacks_own_registry_are_protected_where_it_asks_for_it(
    workspace: Workspace, stack: str
) -> None:
    path = workspace.stack_file(stack)
    good = path.read_text()

    path.write_text(good.replace("config:\n", "config:\n  churn:protect: true\n"))
    try:
        steps = json.loads(workspace.pulumi("preview", "-s", stack, "--json").out)["steps"]
    finally:
        path.write_text(good)

    assert {each["urn"].rpartition("::")[2] for each in steps if each["newState"].get("protect")} == {"storage-images"}


def test_keys_stand_in_no_object_but_their_callers_files(workspace: Workspace, stack: str, client: Client) -> None:
    keys = [workspace.key(stack, name) for name in ("primary", "secondary")]
    namespace = f"churn-{stack}"
    kinds: Any = (Deployment, Pod, Service, ConfigMap, Secret)
    places = {
        kind.__name__: json.dumps([each.to_dict() for each in client.list(kind, namespace=namespace)], default=str)
        for kind in kinds
    }
    places["the state"] = "".join(
        path.read_text(errors="replace") for path in (workspace.home / "state").rglob("*") if path.is_file()
    )
    places["a preview's JSON"] = workspace.pulumi("preview", "-s", stack, "--json").out
    places["logs"] = workspace.workbench("service", "logs", "-n", SERVICE, "-s", stack, "--tail", "200").out
    assert all(places.values())
    assert [(key[:4], place) for place, text in places.items() for key in keys if key in text] == []


def test_the_namespace_takes_restricted_pods_alone(stack: str, client: Client) -> None:
    found = client.get(Namespace, f"churn-{stack}")
    assert found.metadata
    assert (found.metadata.labels or {})["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_wrong_cluster_is_one_line_and_nothing_is_dropped(
    workspace: Workspace, stack: str, cluster: Cluster, tmp_path: Path
) -> None:
    before = workspace.pulumi("stack", "export", "-s", stack).out
    good = workspace.stack_file(stack).read_text()
    away = tmp_path / "kubeconfig"
    away.write_text(cluster.kubeconfig.read_text().replace("10.243.0.1:", "127.0.0.3:"))

    try:
        workspace.pulumi("config", "set", "kubeconfig", str(away), "-s", stack)
        refused = workspace.pulumi("preview", "-s", stack, check=False)
        workspace.pulumi("config", "set", "kubeContext", "nowhere", "-s", stack)
        unknown = workspace.up(stack, check=False)
    finally:
        workspace.stack_file(stack).write_text(good)

    told = [each.out + each.err for each in (refused, unknown)]
    assert (refused.code != 0, "cannot be reached" in told[0]) == (True, True), told[0]
    assert (unknown.code != 0, "has no context 'nowhere'; it has: " in told[1]) == (True, True), told[1]
    assert "Traceback" not in "".join(told)
    resources = [json.loads(each)["deployment"]["resources"] for each in (before, _export(workspace, stack))]
    assert {each["urn"] for each in resources[0]} == {each["urn"] for each in resources[1]}


def test_prod_in_a_cluster_runs_the_digest_that_staging_serves_on_docker(
    workspace: Workspace, cluster: Cluster
) -> None:
    staging = workspace.new_stack()
    prod = workspace.new_stack(engine="kubernetes", kubeconfig=str(cluster.kubeconfig))
    workspace.train(1, staging)
    workspace.up(staging)

    workspace.workbench("promote", SERVICE, "--from", staging, "--to", prod)
    workspace.set_service(prod, cpu=CORES)
    workspace.up(prod)

    there, here = workspace.service(staging), workspace.service(prod)
    assert here["image"].partition("@")[2] == there["image"].partition("@")[2]
    with clients_of(workspace, prod, count=2) as clients:
        clients.wait_for_answers(10)
    assert clients.tally.failures == {}


def test_destroy_leaves_nothing_of_a_stack(workspace: Workspace, cluster: Cluster, client: Client) -> None:
    stack = workspace.new_stack(engine="kubernetes", kubeconfig=str(cluster.kubeconfig))
    workspace.train(1, stack)
    workspace.set_service(stack, cpu=CORES)
    workspace.up(stack)
    assert f"churn-{stack}" in namespaces(client)

    workspace.pulumi("destroy", "-s", stack, "--yes", "--skip-preview")

    assert f"churn-{stack}" not in namespaces(client)
    assert workspace.run("docker", "ps", "--all", "--quiet", "--filter", f"label=workbench.stack={stack}").out == ""


def _export(workspace: Workspace, stack: str) -> str:
    return workspace.pulumi("stack", "export", "-s", stack).out
