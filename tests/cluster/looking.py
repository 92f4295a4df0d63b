"""What tests look for in a stack's namespace, and how they wait for it."""

from __future__ import annotations

from lightkube import Client
from lightkube.resources.core_v1 import Namespace, Pod

from tests.integration.workspace import SERVICE
from workbench.clusters.symptoms import is_ready


def namespaces(client: Client) -> list[str]:
    return [str(each.metadata.name) for each in client.list(Namespace) if each.metadata]


def pods(client: Client, stack: str) -> list[str]:
    """Names of the service's pods that nobody has told to end."""
    return sorted(_alive(client, stack))


def by_node(client: Client, stack: str) -> dict[str, list[str]]:
    """Those of `pods` by the node that they are on; "" are those that wait for one."""
    placed: dict[str, list[str]] = {}
    for name, pod in _alive(client, stack).items():
        placed.setdefault(str((pod.spec and pod.spec.nodeName) or ""), []).append(name)
    return placed


def ready(client: Client, stack: str) -> list[str]:
    """Those of `pods` that take requests."""
    return [name for name, pod in _alive(client, stack).items() if is_ready(pod)]


def _alive(client: Client, stack: str) -> dict[str, Pod]:
    found = client.list(Pod, namespace=f"churn-{stack}", labels={"workbench.service": SERVICE})
    return {str(pod.metadata.name): pod for pod in found if pod.metadata and not pod.metadata.deletionTimestamp}
