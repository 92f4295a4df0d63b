"""Runs as Jobs of a cluster: the image goes there by its registry, files go and come by exec, nothing is mounted.

Pods hold no credentials and need no network: what a run gets and gives passes through the cluster's API server.
"""

import contextlib
import platform
from collections.abc import Iterator, Sequence

from workbench.experiments.configurations.compute import Compute
from workbench.experiments.configurations.run_configuration import RunConfiguration
from workbench.experiments.targets import Job, Runtime, Say, Target
from workbench.experiments.targets.docker import MACHINES, Docker
from workbench.experiments.targets.kubernetes import job_manifest, pushing
from workbench.experiments.targets.kubernetes.api import Api
from workbench.experiments.targets.kubernetes.job_pods import JobPods
from workbench.experiments.targets.kubernetes.pod_run import PodRun


class Kubernetes:
    """The target of a compute of type kubernetes."""

    def __init__(self, compute: Compute) -> None:
        self._compute = compute
        self._docker = Docker.of(compute)
        self._api = Api(compute)

    def prepare(self, configuration: RunConfiguration, say: Say, *, build: bool) -> Runtime:
        """See Target. The docker engine of this machine builds the image, which is pushed and named by its digest."""
        self._api.check()
        runtime = self._docker.prepare(configuration, say, build=build)
        reference = pushing.push(self._docker.engine, runtime.image, self._compute.registry)
        known = self._docker.engine.inspect("image", runtime.image) or {}
        variables = tuple(known.get("Config", {}).get("Env") or ())
        return Runtime(facts={**runtime.facts, "image": reference}, image=reference, variables=variables)

    def start(self, job: Job, runtime: Runtime) -> PodRun:
        """See Target."""
        job_pods = self._job_pods([job], runtime, 1)
        return PodRun(job_pods, job, 0, runtime.variables, own=True)

    @contextlib.contextmanager
    def together(self, jobs: Sequence[Job], runtime: Runtime, parallel: int) -> Iterator[Target]:
        """See Assembling. One indexed Job, whose pods are the runs."""
        job_pods = self._job_pods(jobs, runtime, parallel)
        try:
            yield _Indexed(self, job_pods, [job.id for job in jobs])
        finally:
            job_pods.remove()

    def _job_pods(self, jobs: Sequence[Job], runtime: Runtime, parallel: int) -> JobPods:
        machine = MACHINES.get(platform.machine(), platform.machine())
        document = job_manifest.document(jobs, self._compute, runtime.image, machine, parallel)
        job_pods = JobPods(self._api, self._compute, document["metadata"]["name"])
        try:
            job_pods.begin(document)
        except BaseException:
            job_pods.remove()
            raise
        return job_pods


class _Indexed:
    """Runs whose Job is there already."""

    def __init__(self, target: Kubernetes, job_pods: JobPods, ids: Sequence[str]) -> None:
        self._target, self._job_pods, self._ids = target, job_pods, ids

    def prepare(self, configuration: RunConfiguration, say: Say, *, build: bool) -> Runtime:
        """See Target."""
        return self._target.prepare(configuration, say, build=build)

    def start(self, job: Job, runtime: Runtime) -> PodRun:
        """See Target."""
        return PodRun(self._job_pods, job, self._ids.index(job.id), runtime.variables, own=False)
