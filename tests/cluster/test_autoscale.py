"""An autoscaler follows real load, up and down, and an `up` in between leaves it alone."""

from __future__ import annotations

from pathlib import Path

from tests.cluster.cluster import Cluster
from tests.cluster.looking import pods, ready
from tests.cluster.metrics_server import measuring
from tests.integration.clients import Clients
from tests.integration.workspace import Workspace
from tests.waiting import until


def test_more_load_is_more_pods_and_less_is_fewer_and_an_up_between_changes_nothing(
    workspace: Workspace, cluster: Cluster, tmp_path: Path
) -> None:
    stack = workspace.new_stack(engine="kubernetes", kubeconfig=str(cluster.kubeconfig))
    trained = workspace.train(1, stack)
    workspace.set_service(stack, cpu=0.2, autoscaleMaxReplicas=3, autoscaleTargetUtilization=50)

    with measuring(cluster, tmp_path), cluster.client() as client:
        workspace.up(stack)
        assert len(ready(client, stack)) == 1
        url, key, rows = workspace.service(stack)["scoringUrl"], workspace.key(stack), workspace.examples
        with Clients(url, key, rows(trained["manifest"])) as clients:
            until(lambda: len(ready(client, stack)) > 1, 120)
            workspace.pulumi("up", "-s", stack, "--yes", "--skip-preview", "--expect-no-changes")
            assert len(pods(client, stack)) > 1, "the number is the autoscaler's"
        until(lambda: len(pods(client, stack)) == 1, 180)

    assert clients.tally.failures == {}
