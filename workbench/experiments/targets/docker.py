"""Runs as containers of a docker engine, near or far: files go there and come back as streams, nothing is mounted."""

import contextlib
import os
import platform
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from workbench.core import atomic_files
from workbench.core.canonical import canonical_json, digest
from workbench.experiments.configurations import packages
from workbench.experiments.configurations.compute import Compute
from workbench.experiments.configurations.run_configuration import RunConfiguration
from workbench.experiments.targets import (
    STOP_SECONDS,
    TOO_LITTLE_MEMORY,
    Ended,
    Job,
    Runtime,
    Say,
    TargetError,
    container,
    job_archive,
    runtime_image,
)
from workbench.experiments.targets.engine import Engine
from workbench.registry.manifests.manifest import PYTHON

_CHUNK = 65_536
_TRIES = 5
_COLLECTOR = Path(__file__).with_name("changed.py")
MACHINES = {"x86_64": "amd64", "aarch64": "arm64"}


class Docker:
    """The target of a compute of type docker or remotedocker."""

    def __init__(self, compute: Compute, engine: Engine) -> None:
        self._compute = compute
        self._engine = engine

    @classmethod
    def of(cls, compute: Compute) -> "Docker":
        """On the engine of the environment, or on the one behind ssh."""
        user = f"{compute.username}@" if compute.username else ""
        return cls(compute, Engine(f"ssh://{user}{compute.address}" if compute.address else None))

    @property
    def engine(self) -> Engine:
        """Where its containers are."""
        return self._engine

    def prepare(self, configuration: RunConfiguration, say: Say, *, build: bool) -> Runtime:
        """See Target. The image is that of the compute, when people manage it themselves."""
        compute, engine = self._compute, self._engine
        self._check_machine()
        base = runtime_image.base(engine, compute.base_image, configuration.framework, say)
        if compute.base_image and configuration.framework == "PySpark":
            runtime_image.check_java(engine, base, compute.base_image)
        if compute.user_managed:
            own = {"type": compute.type, "image": compute.base_image, "base": base}
            return Runtime(facts={**own, "digest": digest(canonical_json(own))}, image=base)
        found = packages.fetch(configuration, say)
        image = runtime_image.tag(base, found.digest)
        if not engine.inspect("image", image):
            if not build:
                raise TargetError(
                    f"{image} is not built yet; run: workbench experiment prepare -c {configuration.name}"
                )
            runtime_image.build(engine, image, base, found.folders, say)
        own = {"type": compute.type, "image": image, "base": base, "python": PYTHON, "packages": found.digest}
        return Runtime(facts={**own, "digest": digest(canonical_json(own))}, image=image)

    def start(self, job: Job, runtime: Runtime) -> "DockerRun":
        """See Target."""
        run = DockerRun(self._engine, job)
        try:
            run.begin(self._compute, runtime.image)
        except BaseException:
            run.remove()
            raise
        return run

    def _check_machine(self) -> None:
        here = MACHINES.get(platform.machine(), platform.machine())
        there = self._engine.read("version", "--format", "{{.Server.Arch}}").strip()
        if there != here:
            raise TargetError(
                f"the engine {self._engine.host} is {there}, this machine is {here}: its wheels don't run over there; "
                "submit from such a machine"
            )


class DockerRun:
    """A container, known by its name from before it exists."""

    def __init__(self, engine: Engine, job: Job) -> None:
        self._engine = engine
        self._job = job
        self._name = container.name(job)
        self._image = ""
        self._seen = 0
        self._told = 0

    def begin(self, compute: Compute, image: str) -> None:
        """Create the container, send it its files, start it. Raises TargetError."""
        self._image = image
        known = self._engine.inspect("image", image) or {}
        values = container.variables(self._job, compute, known.get("Config", {}).get("Env") or [])
        # Values reach the client by an open file: command lines are for everybody to read.
        handle = os.memfd_create("variables")
        try:
            os.write(handle, container.variables_file(values))
            os.lseek(handle, 0, os.SEEK_SET)
            call = container.create(self._job, compute, image, f"/proc/self/fd/{handle}")
            self._engine.read(*call, files=(handle,))
        finally:
            os.close(handle)
        with self._engine.feeding("cp", "-", f"{self._name}:{container.FOLDER}") as stream:
            job_archive.write(self._job, stream)
        self._engine.insist("start", self._name)

    def output(self) -> Iterator[bytes]:
        """See Running. A lost connection is taken up again where it was."""
        for attempt in range(_TRIES):
            before = self._seen
            yield from self._logs("--follow")
            if not self._state()["Running"]:
                yield from self._logs()  # what was written while the other call ended
                return
            if self._seen == before:
                time.sleep(2**attempt)
        raise TargetError(f"the connection to {self._engine.host} is lost; the container {self._name} may still run")

    def poll(self) -> None:
        """See Running. Raises TargetError while the engine is out of reach."""
        self._fetch_tracking()

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """See Running."""
        self._engine.read("stop", "--time", f"{seconds:.0f}", self._name)

    def ended(self) -> Ended:
        """See Running."""
        code = int(self._engine.read("wait", self._name).strip())
        why = TOO_LITTLE_MEMORY if self._state()["OOMKilled"] else ""
        return Ended(code, why)

    def collect(self, folder: Path) -> list[str]:
        """See Running. A second container, with the first one's volumes, sends what is newer than the marker."""
        told = self._fetch_tracking()
        name = f"{self._name}-collect"
        call = ["run", "--rm", "--interactive", "--network", "none", "--volumes-from", f"{self._name}:ro"]
        call += ["--name", name, "--log-driver", "none"]
        call += ["--label", f"{container.RUN_LABEL}={self._job.id}", "--entrypoint", "python3", self._image, "-"]
        call += [f"{container.FOLDER}/project", f"{container.FOLDER}/marker"]
        with _COLLECTOR.open("rb") as program:
            process = self._engine.open(*call, stdin=program, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            left_out = job_archive.read(cast("IO[bytes]", process.stdout), folder)
        except BaseException as error:
            process.kill()  # it may have more to send than anybody takes
            _, complaint = process.communicate()
            with contextlib.suppress(TargetError):
                self._engine.insist("rm", "--force", name)
            if isinstance(error, job_archive.BrokenArchiveError) and complaint.strip():
                raise self._engine.error("run", complaint) from error
            raise
        _, complaint = process.communicate()
        if process.returncode:
            raise self._engine.error("run", complaint)
        return [*told, *left_out]

    def remove(self) -> None:
        """Remove the container and its volumes, running or not."""
        with contextlib.suppress(TargetError):
            self._engine.insist("rm", "--force", "--volumes", self._name)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.remove()

    def _logs(self, *options: str) -> Iterator[bytes]:
        """What the container printed beyond what was seen."""
        process = self._engine.open("logs", *options, self._name, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        pipe, passed = cast("IO[bytes]", process.stdout), 0
        try:
            while chunk := os.read(pipe.fileno(), _CHUNK):
                fresh = chunk[max(0, self._seen - passed) :]
                passed += len(chunk)
                if fresh:
                    self._seen += len(fresh)
                    yield fresh
        finally:
            process.kill()
            process.wait()
            pipe.close()

    def _state(self) -> dict[str, bool]:
        found = self._engine.inspect("container", self._name)
        if not found:
            raise TargetError(f"the container {self._name} is gone from {self._engine.host}; somebody removed it")
        return cast("dict[str, bool]", found["State"])

    def _fetch_tracking(self) -> list[str]:
        """Bring the tracking file up to date; a line where it is more than is taken. Raises TargetError."""
        process = self._engine.open(
            "cp", f"{self._name}:{container.FOLDER}/tracking.jsonl", "-", stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        archive = cast("IO[bytes]", process.stdout).read(job_archive.LARGEST_TRACKING)
        if len(archive) == job_archive.LARGEST_TRACKING:
            process.kill()
        _, complaint = process.communicate()
        if len(archive) == job_archive.LARGEST_TRACKING:
            return [job_archive.TRACKING_TOO_LONG]
        if process.returncode:
            raise self._engine.error("cp", complaint)
        told = job_archive.first_file(archive)
        if len(told) > self._told:
            atomic_files.write_file(self._job.tracking, told)
            self._told = len(told)
        return []
