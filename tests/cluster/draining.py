"""What `kubectl drain` does to a node, for the pods of one stack: other tests' pods beside them stay."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from lightkube import Client
from lightkube.core.exceptions import ApiError
from lightkube.models.meta_v1 import ObjectMeta
from lightkube.resources.core_v1 import Node, Pod

_TOO_MANY_REQUESTS = 429


@contextmanager
def cordoned(client: Client, node: str) -> Iterator[None]:
    """No pod is placed on the node until the end of the block."""
    client.patch(Node, node, {"spec": {"unschedulable": True}})
    try:
        yield
    finally:
        client.patch(Node, node, {"spec": {"unschedulable": False}})


def evict(client: Client, stack: str, name: str) -> bool:
    """Ask a pod to go; whether the disruption budget lets it."""
    namespace = f"churn-{stack}"
    try:
        client.create(Pod.Eviction(metadata=ObjectMeta(name=name, namespace=namespace)), name, namespace=namespace)
    except ApiError as error:
        if error.status.code != _TOO_MANY_REQUESTS:
            raise
        return False
    return True
