"""Waiting until a Deployment's new pods have taken over, and saying why when they never do.

Nothing is changed here but that pods are told to read their Secrets again.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from workbench.clusters.cluster import NOT_FOUND, ClusterError
from workbench.clusters.events import warnings
from workbench.clusters.symptoms import Symptoms
from workbench.components.naming import RELEASE_LABEL

if TYPE_CHECKING:
    from lightkube import Client
    from lightkube.models.apps_v1 import Deployment as DeploymentModel
    from lightkube.models.core_v1 import Pod as PodModel

POLL_SECONDS = 0.5
DEADLINE = "ProgressDeadlineExceeded"


class Rollout:
    """The pods of one Deployment. A bad release is a ClusterError, as whatever goes wrong with `client` is."""

    def __init__(self, client: Client, namespace: str, deployment: str) -> None:
        self._client, self._namespace, self._name = client, namespace, deployment

    def release(self) -> str | None:
        """The release that the Deployment asks for; None if there is none."""
        found = self._deployment()
        return _release(found) if found else None

    def wait(self, release: str, seconds: int) -> None:
        """Return once all its pods are of `release` and have been ready for a while.

        It has `seconds` for each step of its progress. Raises ClusterError with what its pods say.
        """
        end, last = time.monotonic() + seconds, -1
        while True:
            found = self._deployment()
            if not found:
                raise ClusterError(f"the Deployment {self._name} is gone from namespace {self._namespace}")
            if _is_through(found, release):
                return
            updated = (found.status and found.status.availableReplicas) or 0
            if updated != last:
                end, last = time.monotonic() + seconds, updated
            symptoms = Symptoms(self._pods(found, **{RELEASE_LABEL: release}), self._events, self._last_line)
            if why := symptoms.hopeless():
                raise ClusterError(f"{self._name}-{release} {why}")
            if time.monotonic() > end or _is_late(found):
                why = symptoms.late() or _refusal(found) or "no pod of it was made"
                raise ClusterError(f"{self._name}-{release} was not ready within {seconds} s: {why}")
            time.sleep(POLL_SECONDS)

    def refresh_secrets(self) -> None:
        """Touch each pod, which makes its node read the pod's Secrets at once instead of within a minute."""
        from lightkube.core.exceptions import ApiError
        from lightkube.resources.core_v1 import Pod

        found = self._deployment()
        for pod in self._pods(found) if found else []:
            note = {"metadata": {"annotations": {"workbench.keys": str(time.time_ns())}}}
            try:
                self._client.patch(Pod, _name(pod), note, namespace=self._namespace)
            except ApiError as error:
                if error.status.code != NOT_FOUND:  # it has ended meanwhile, and its keys with it
                    raise

    def _deployment(self) -> DeploymentModel | None:
        from lightkube.core.exceptions import ApiError
        from lightkube.resources.apps_v1 import Deployment

        try:
            return self._client.get(Deployment, self._name, namespace=self._namespace)
        except ApiError as error:
            if error.status.code == NOT_FOUND:  # that it is not there is an answer
                return None
            raise

    def _pods(self, found: DeploymentModel, **labels: str) -> list[PodModel]:
        """Those of the Deployment that nobody has told to end."""
        from lightkube.resources.core_v1 import Pod

        selector = {**((found.spec and found.spec.selector.matchLabels) or {}), **labels}
        pods = self._client.list(Pod, namespace=self._namespace, labels=selector)
        return [pod for pod in pods if pod.metadata and not pod.metadata.deletionTimestamp]

    def _events(self, pod: PodModel) -> list[str]:
        """What happened to a pod that is worth a warning, latest first."""
        uid = str(pod.metadata.uid if pod.metadata else "")
        return [f"{warning.reason}: {warning.message}" for warning in warnings(self._client, self._namespace, uid=uid)]

    def _last_line(self, pod: PodModel) -> str:
        """The last line that its server printed; "" if there is none."""
        from lightkube.core.exceptions import ApiError

        try:
            lines = list(self._client.log(_name(pod), namespace=self._namespace, tail_lines=5, newlines=False))
        except ApiError:  # it never ran
            return ""
        spoken = [line for line in lines if line.strip()]
        return spoken[-1] if spoken else ""


def _name(pod: PodModel) -> str:
    return str(pod.metadata.name if pod.metadata else "")


def _release(found: DeploymentModel) -> str:
    metadata = found.spec and found.spec.template.metadata
    return str(((metadata and metadata.labels) or {}).get(RELEASE_LABEL, ""))


def _is_through(found: DeploymentModel, release: str) -> bool:
    """Whether the newest pods, and no others, are there and have been ready long enough."""
    status, metadata = found.status, found.metadata
    if not status or not metadata or not found.spec or _release(found) != release:
        return False
    wanted = found.spec.replicas if found.spec.replicas is not None else 1
    return (
        (status.observedGeneration or 0) >= (metadata.generation or 0)
        and (status.updatedReplicas or 0) >= wanted
        and (status.replicas or 0) == (status.updatedReplicas or 0)
        and (status.availableReplicas or 0) >= wanted
    )


def _is_late(found: DeploymentModel) -> bool:
    """Whether Kubernetes itself has given up waiting, for what it was asked last."""
    status, metadata = found.status, found.metadata
    if not status or not metadata or (status.observedGeneration or 0) < (metadata.generation or 0):
        return False
    return any(
        condition.type == "Progressing" and condition.reason == DEADLINE for condition in status.conditions or []
    )


def _refusal(found: DeploymentModel) -> str:
    """Why no pod could be made: a quota, a security standard."""
    conditions = (found.status and found.status.conditions) or []
    return next((str(condition.message) for condition in conditions if condition.type == "ReplicaFailure"), "")
