"""What runs ask of a cluster, each call on a connection of its own. Owns patience and the words for failures."""

import time
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol, TypeVar, cast

from workbench.clusters import cluster, events
from workbench.clusters.cluster import NOT_FOUND, ClusterError
from workbench.experiments.configurations.compute import Compute
from workbench.experiments.targets import TargetError
from workbench.experiments.targets.kubernetes.job_manifest import CONTAINER, JOB_NAME, RUNS

if TYPE_CHECKING:
    from lightkube import Client
    from lightkube.models.batch_v1 import Job
    from lightkube.models.core_v1 import Pod

T = TypeVar("T")
_PATIENCE = (0.5, 2.0, 4.0, 8.0)  # seconds between tries


class RefusedError(TargetError):
    """The cluster answers, and says no; `code` is that of HTTP."""

    def __init__(self, message: str, code: int) -> None:
        super().__init__(message)
        self.code = code


class Sink(Protocol):
    """What takes the output of a command as it comes."""

    def write(self, data: bytes, /) -> int:
        """Take the next piece; raises TargetError to take no more."""


class Api:
    """A namespace of the cluster that a compute names. Raises TargetError where that can't be found."""

    def __init__(self, compute: Compute) -> None:
        try:
            self._cluster = cluster.find(compute.kubeconfig, compute.context)
        except ClusterError as error:
            raise TargetError(f"{compute.name}.compute: {error}") from error
        self.context = self._cluster.context
        self.namespace = compute.namespace or self._once(lambda client: str(client.namespace))

    def check(self) -> None:
        """Raises TargetError unless the cluster answers and has the namespace."""
        from lightkube.resources.core_v1 import Namespace

        try:
            self._once(lambda client: client.get(Namespace, self.namespace))
        except RefusedError as error:
            if error.code == NOT_FOUND:
                raise TargetError(
                    f"the cluster of context {self.context!r} has no namespace {self.namespace!r}; make it, or set "
                    "namespace in the compute"
                ) from error
            # Who may only use a namespace can't read it; what follows will tell.

    def create_job(self, document: Mapping[str, Any]) -> str:
        """Make a Job; its uid."""
        from lightkube.resources.batch_v1 import Job

        job = cast("Job", Job.from_dict(dict(document)))
        made = self._once(lambda client: client.create(job, namespace=self.namespace))
        return str(made.metadata.uid if made.metadata else "")

    def create_policy(self, document: Mapping[str, Any]) -> None:
        """Make a NetworkPolicy."""
        from lightkube.resources.networking_v1 import NetworkPolicy

        policy = cast("NetworkPolicy", NetworkPolicy.from_dict(dict(document)))
        self._once(lambda client: client.create(policy, namespace=self.namespace))

    def jobs(self) -> dict[str, str]:
        """Jobs of runs by name, with their runs' ids behind commas."""
        from lightkube.resources.batch_v1 import Job

        found = self._ask(lambda client: list(client.list(Job, namespace=self.namespace)))
        annotated = [(each.metadata.name, each.metadata.annotations or {}) for each in found if each.metadata]
        return {str(name): each[RUNS] for name, each in annotated if RUNS in each}

    def job(self, name: str) -> "Job":
        """A Job as it is. Raises RefusedError when there is none."""
        from lightkube.resources.batch_v1 import Job

        return self._ask(lambda client: client.get(Job, name, namespace=self.namespace))

    def pods(self, job: str) -> "list[Pod]":
        """The pods that a Job has made, oldest first."""
        from lightkube.resources.core_v1 import Pod

        labels: dict[str, Any] = {JOB_NAME: job}
        found = self._ask(lambda client: list(client.list(Pod, namespace=self.namespace, labels=labels)))
        return sorted(found, key=lambda pod: str(pod.metadata and pod.metadata.creationTimestamp))

    def warnings(self, name: str) -> list[str]:
        """What the cluster complained of about a thing of that name, latest first."""
        found = self._ask(lambda client: events.warnings(client, self.namespace, name=name))
        return [" ".join(str(event.message).split()) for event in found]

    def run(self, pod: str, *command: str, stdin: BinaryIO | None = None, stdout: Sink | None = None) -> int:
        """A command in a pod's container; its exit code. Not tried again: it may have begun."""
        from httpx2.websockets import HTTPXWSException

        def ask(client: "Client") -> int:
            there: dict[str, Any] = {"namespace": self.namespace, "container": CONTAINER}
            out = cast("BinaryIO | None", stdout)  # of which it calls `write` alone
            return client.exec(pod, command=command, stdin=stdin, stdout=out or False, **there).exit_code

        try:
            return self._once(ask)
        except HTTPXWSException as error:
            raise TargetError(
                f"the cluster does not run a command in pod {pod}: {error or type(error).__name__}"
            ) from error

    def log(self, pod: str) -> Iterator[str]:
        """All lines of a pod's log, each behind its time, and those to come until the connection or the pod ends."""
        with self._cluster.client() as client:
            yield from client.log(
                pod, namespace=self.namespace, container=CONTAINER, follow=True, timestamps=True, newlines=False
            )

    def delete_job(self, name: str) -> None:
        """Remove a Job and its pods; none there is fine."""
        from lightkube.resources.batch_v1 import Job
        from lightkube.types import CascadeType

        try:
            self._ask(lambda client: client.delete(Job, name, namespace=self.namespace, cascade=CascadeType.BACKGROUND))
        except RefusedError as error:
            if error.code != NOT_FOUND:
                raise

    def _ask(self, question: "Callable[[Client], T]") -> T:
        """An answer to what may be asked twice: again where the connection broke."""
        for seconds in _PATIENCE:
            try:
                return self._once(question)
            except RefusedError:
                raise
            except TargetError:
                time.sleep(seconds)
        return self._once(question)

    def _once(self, question: "Callable[[Client], T]") -> T:
        from lightkube.core.exceptions import ApiError

        try:
            with self._cluster.client() as client:
                return question(client)
        except ClusterError as error:
            if isinstance(error.__cause__, ApiError):
                raise RefusedError(str(error), error.__cause__.status.code or 0) from error
            raise TargetError(f"{error}; see that it is up: kubectl --context {self.context} get nodes") from error
