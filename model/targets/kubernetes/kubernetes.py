"""Runs as Jobs of a cluster: the image goes there by its registry, files go and come by exec, nothing is mounted.

Pods hold no credentials and need no network: what a run gets and gives passes through the cluster's API server.
"""

import contextlib
import platform
from collections.abc import Iterator, Sequence

from model.configurations.compute import Compute
from model.configurations.run_configuration import RunConfiguration
from model.targets import Job, Runtime, Say, Target
from model.targets.docker import MACHINES, Docker
from model.targets.kubernetes import job_manifest, pushing
from model.targets.kubernetes.api import Api
from model.targets.kubernetes.crew import Crew
from model.targets.kubernetes.pod_run import PodRun


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
        crew = self._crew([job], runtime, 1)
        return PodRun(crew, job, 0, runtime.variables, own=True)

    @contextlib.contextmanager
    def together(self, jobs: Sequence[Job], runtime: Runtime, parallel: int) -> Iterator[Target]:
        """See Assembling. One indexed Job, whose pods are the runs."""
        crew = self._crew(jobs, runtime, parallel)
        try:
            yield _Indexed(self, crew, [job.id for job in jobs])
        finally:
            crew.remove()

    def _crew(self, jobs: Sequence[Job], runtime: Runtime, parallel: int) -> Crew:
        machine = MACHINES.get(platform.machine(), platform.machine())
        document = job_manifest.document(jobs, self._compute, runtime.image, machine, parallel)
        crew = Crew(self._api, self._compute, document["metadata"]["name"])
        try:
            crew.begin(document)
        except BaseException:
            crew.remove()
            raise
        return crew


class _Indexed:
    """Runs whose Job is there already."""

    def __init__(self, target: Kubernetes, crew: Crew, ids: Sequence[str]) -> None:
        self._target, self._crew, self._ids = target, crew, ids

    def prepare(self, configuration: RunConfiguration, say: Say, *, build: bool) -> Runtime:
        """See Target."""
        return self._target.prepare(configuration, say, build=build)

    def start(self, job: Job, runtime: Runtime) -> PodRun:
        """See Target."""
        return PodRun(self._crew, job, self._ids.index(job.id), runtime.variables, own=False)
