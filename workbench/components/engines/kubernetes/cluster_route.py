"""A service's route in a cluster, as a dynamic resource: it changes only when a rollout is through.

Kubernetes moves the traffic itself, pod by ready pod. This waits for it, says why it waited in vain, and lets the
state tell what serves also after an update that failed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pulumi
from pulumi.dynamic import CreateResult, DiffResult, ReadResult, Resource, ResourceProvider, UpdateResult

from workbench.clusters.cluster import Cluster
from workbench.components import provider_code
from workbench.components.engines.kubernetes.rollout import Rollout

FIXED = ("namespace", "service", "object")
WHERE = ("kubeconfig", "context")


class RouteProvider(ResourceProvider):
    def create(self, props: dict[str, Any]) -> CreateResult:
        _await(props)
        return CreateResult(f"{props['namespace']}/{props['service']}", props)

    def update(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> UpdateResult:
        """Wait for the rollout; where keys were turned, have the pods read them now."""
        _await(news, keys_turned=olds.get("keys") != news["keys"])
        return UpdateResult(news)

    def diff(self, _id: str, olds: dict[str, Any], news: dict[str, Any]) -> DiffResult:
        """Compare inputs alone; how one came to the cluster is nobody's change."""
        changed = [key for key in news if not key.startswith("__") and key not in WHERE and olds.get(key) != news[key]]
        replaces = [key for key in changed if key in FIXED]
        changes = bool(changed) or provider_code.has_moved(olds, news)
        return DiffResult(changes=changes, replaces=replaces, delete_before_replace=True)

    def read(self, id_: str, props: dict[str, Any]) -> ReadResult:
        with _rollout(props) as rollout:
            release = rollout.release()
        return ReadResult(id_, {**props, "release": release}) if release else ReadResult("", {})


class ClusterRoute(Resource, module="infra", name="ClusterRoute"):
    """What serves under a service's URL. Why all this stands here: see `GatewayRoute`, its like on a docker host."""

    def __init__(self, name: str, props: dict[str, pulumi.Input[Any]], opts: pulumi.ResourceOptions) -> None:
        super().__init__(RouteProvider(), name, props, opts)


def _await(props: dict[str, Any], *, keys_turned: bool = False) -> None:
    with _rollout(props) as rollout:
        if keys_turned:
            rollout.refresh_secrets()
        rollout.wait(props["release"], int(props["healthySeconds"]))


@contextmanager
def _rollout(props: dict[str, Any]) -> Iterator[Rollout]:
    with Cluster(props["kubeconfig"], props["context"]).client() as client:
        yield Rollout(client, props["namespace"], props["object"])
