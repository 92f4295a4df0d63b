"""The pods of a service that runs in a cluster, and what they have said."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from workbench.clusters.cluster import Cluster, ClusterError
from workbench.core.errors import ServiceError
from workbench.stacks.environments import log_lines
from workbench.stacks.services.service import Service

if TYPE_CHECKING:
    from lightkube import Client

_SERVICE, _RELEASE = "workbench.service", "workbench.release"


def is_in_cluster(service: Service) -> bool:
    """Whether a cluster runs it, by the state of its route."""
    return "namespace" in service.state


def names(service: Service) -> list[str]:
    """Pods of the release that serves. Raises ServiceError."""
    from lightkube.resources.core_v1 import Pod  # slow to import

    labels: dict[str, Any] = {_SERVICE: service.name, _RELEASE: service.text("release")}
    with _client(service) as client:
        found = list(client.list(Pod, namespace=service.text("namespace"), labels=labels))
    return sorted(str(pod.metadata.name) for pod in found if pod.metadata)


def show(service: Service, *, tail: int | None, follow: bool) -> None:
    """Print the pods' logs, each line behind its pod's name when there are several. Raises ServiceError."""
    log_lines.show([(pod, _lines(service, pod, tail=tail, follow=follow)) for pod in names(service)], follow=follow)


def _lines(service: Service, pod: str, *, tail: int | None, follow: bool) -> Iterator[str]:
    with _client(service) as client:
        yield from client.log(pod, namespace=service.text("namespace"), tail_lines=tail, follow=follow, newlines=False)


@contextmanager
def _client(service: Service) -> Iterator["Client"]:
    cluster = Cluster(str(service.state.get("kubeconfig", "")), service.text("context"))
    try:
        with cluster.client() as client:
            yield client
    except ClusterError as error:
        raise ServiceError(str(error)) from error
