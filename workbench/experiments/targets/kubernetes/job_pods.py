"""One Job of the cluster and its pods, for all runs that are in it. Asks for the pods once, whoever wants to know."""

import contextlib
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from workbench.clusters.cluster import NOT_FOUND
from workbench.experiments.configurations.compute import Compute
from workbench.experiments.targets import TargetError
from workbench.experiments.targets.kubernetes import job_manifest, job_state, pod_state
from workbench.experiments.targets.kubernetes.api import Api, RefusedError

if TYPE_CHECKING:
    from lightkube.models.batch_v1 import Job
    from lightkube.models.core_v1 import Pod

_FRESH_SECONDS = 0.5
_REFUSED_SECONDS = 1.0


class JobPods:
    """A Job, known by its name from before it exists."""

    def __init__(self, api: Api, compute: Compute, name: str) -> None:
        self.api, self.compute, self.name = api, compute, name
        self._pods: dict[int, list[Pod]] = {}
        self._job: Job | None = None
        self._asked = self._job_asked = 0.0
        self._lock = threading.Lock()

    def begin(self, document: Mapping[str, Any]) -> None:
        """Make the Job, closed to the network unless the compute names one. Raises TargetError."""
        uid = self.api.create_job(document)
        if self.compute.network == "none":
            # Pods do nothing before they are sent their files, so that this comes early enough.
            self.api.create_policy(job_manifest.closed(self.name, uid))

    def pods(self, index: int) -> "list[Pod]":
        """The pods of one run, oldest first. Raises TargetError."""
        return self._fresh().get(index, [])

    def is_busy(self) -> bool:
        """Whether any of its pods runs."""
        return any(pod_state.is_running(pod) for pods in self._fresh().values() for pod in pods)

    def refusal(self, index: int) -> str:
        """Why it makes no pod for a run; "" where it may yet. Raises TargetError when it will make no more."""
        time.sleep(_REFUSED_SECONDS)
        try:
            end = job_state.end(self._fresh_job(), index)
        except RefusedError as error:
            if error.code != NOT_FOUND:
                raise
            end = f"it is gone from namespace {self.api.namespace}: somebody removed it"
        if end:
            raise TargetError(f"the Job {self.name} runs nothing more: {end}")
        said = [] if self._fresh() else self.api.warnings(self.name)
        return f"the namespace takes no pod of it: {said[0]}" if said else ""

    def remove(self) -> None:
        """Remove the Job with its pods, running or not."""
        with contextlib.suppress(TargetError):
            self.api.delete_job(self.name)

    def _fresh(self) -> "dict[int, list[Pod]]":
        with self._lock:
            if time.monotonic() - self._asked > _FRESH_SECONDS:
                found: dict[int, list[Pod]] = {}
                for pod in self.api.pods(self.name):
                    found.setdefault(_index(pod), []).append(pod)
                self._pods, self._asked = found, time.monotonic()
            return self._pods

    def _fresh_job(self) -> "Job":
        with self._lock:
            if not self._job or time.monotonic() - self._job_asked > _REFUSED_SECONDS:
                self._job, self._job_asked = self.api.job(self.name), time.monotonic()
            return self._job


def _index(pod: "Pod") -> int:
    labels = (pod.metadata.labels if pod.metadata else None) or {}
    return int(labels.get(job_manifest.INDEX, 0))
