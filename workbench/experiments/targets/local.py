"""Runs as processes of this machine, in the environment of an interpreter that is already here."""

import json
import os
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Self, cast

from workbench.core import home
from workbench.core.canonical import canonical_json, digest
from workbench.experiments.configurations.compute import Compute
from workbench.experiments.configurations.run_configuration import RunConfiguration
from workbench.experiments.targets import STOP_SECONDS, Ended, Job, Runtime, Say, TargetError, job_archive
from workbench.experiments.targets.changed import changed, strange
from workbench.experiments.targets.layout import TREE, environment

_CHUNK = 65_536
_PAUSE = 0.1
_DIES_WITH_US = ("setpriv", "--pdeathsig", "KILL")
_FACTS = """
import importlib.metadata, importlib.util, json, platform
found = {(each.metadata["Name"] or "?").lower(): each.version for each in importlib.metadata.distributions()}
spark = importlib.util.find_spec("pyspark") is not None
print(json.dumps({"python": platform.python_version(), "packages": found, "spark": spark}))
"""


class Local:
    """The target of a compute of type local: conda dependencies are not its business."""

    def __init__(self, compute: Compute, project: Path) -> None:
        self._compute = compute
        self._python = _interpreter(compute, project)

    def prepare(self, configuration: RunConfiguration, say: Say, *, build: bool) -> Runtime:  # noqa: ARG002 - as it is
        """See Target. Asks the interpreter what it has."""
        where = f"{self._compute.name}.compute: pythonLocation: {self._python}"
        try:
            done = subprocess.run([self._python, "-c", _FACTS], capture_output=True, text=True, check=True)
            found = json.loads(done.stdout)
        except (OSError, subprocess.CalledProcessError, ValueError) as error:
            raise TargetError(f"{where}: is no Python that runs ({error}); name another") from error
        if configuration.framework == "PySpark" and not found["spark"]:
            raise TargetError(f"{where}: has no pyspark; install it there, or submit with -c docker")
        if configuration.framework == "PySpark" and not _java():
            raise TargetError(
                "Framework: PySpark needs java, and there is none on PATH or in JAVA_HOME; install a Java runtime of "
                "17 or later, or submit with -c docker"
            )
        own = {"type": "local", "python": found["python"], "packages": digest(canonical_json(found["packages"]))}
        return Runtime(facts={**own, "digest": digest(canonical_json(own))})

    def start(self, job: Job, runtime: Runtime) -> "LocalRun":  # noqa: ARG002 - there is one
        """See Target."""
        variables = dict(job.environment)
        if self._compute.shared_directory:
            variables["AZUREML_NATIVE_SHARE_DIRECTORY"] = self._compute.shared_directory
        return LocalRun(job, self._python, variables)


class LocalRun:
    """A process group, and a folder with the copy that it works on."""

    def __init__(self, job: Job, python: str, variables: Mapping[str, str]) -> None:
        work = home.create() / "work"
        work.mkdir(exist_ok=True)
        self._folder = Path(tempfile.mkdtemp(prefix=f"{job.id}-", dir=work))
        self._project, self._marker = self._folder / "project", self._folder / "marker"
        try:
            self._process = self._begin(job, python, variables)
        except BaseException:
            shutil.rmtree(self._folder, ignore_errors=True)
            raise

    def output(self) -> Iterator[bytes]:
        """See Running."""
        pipe = cast("IO[bytes]", self._process.stdout).fileno()
        while True:
            if not select.select([pipe], [], [], _PAUSE)[0]:
                if self._is_over():
                    _signal(self._process.pid, signal.SIGKILL)  # what it left running keeps the pipe open
                continue
            if not (chunk := os.read(pipe, _CHUNK)):
                return
            yield chunk

    def poll(self) -> None:
        """See Running. The script appends to the file itself."""

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """See Running."""
        if self._process.returncode is not None:
            return
        _signal(self._process.pid, signal.SIGTERM)
        end = time.monotonic() + seconds
        while not self._is_over() and time.monotonic() < end:
            time.sleep(_PAUSE)
        # Also those that the script started and that outlive it.
        _signal(self._process.pid, signal.SIGKILL)

    def ended(self) -> Ended:
        """See Running."""
        code = self._process.wait()
        if code >= 0:
            return Ended(code)
        return Ended(128 - code, f"it was ended by {signal.Signals(-code).name}")

    def collect(self, folder: Path) -> list[str]:
        """See Running. Moves the files: nobody needs the copy again."""
        left_out = [path.relative_to(self._project).as_posix() for path in strange(self._project)]
        for path in list(changed(self._project, self._marker)):
            target = folder / path.relative_to(self._project)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.move(path, target)
        return [job_archive.no_file(name) for name in left_out]

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop(0)
        self._process.wait()
        cast("IO[bytes]", self._process.stdout).close()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _is_over(self) -> bool:
        """Whether it ended; it is not waited for yet, so that its number can be nobody else's group."""
        if self._process.returncode is not None:
            return True
        return os.waitid(os.P_PID, self._process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _begin(self, job: Job, python: str, variables: Mapping[str, str]) -> "subprocess.Popen[bytes]":
        for name, source in job.snapshot.files.items():
            target = self._project / name
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(source, target)
        for folder in (self._project / "outputs", self._project / job.folder, self._folder / "data"):
            folder.mkdir(parents=True, exist_ok=True)
        for name, source in job.data.items():
            (self._folder / "data" / name).symlink_to(source)
        if job.spark:
            (self._folder / "spark-defaults.conf").write_text(job.spark, encoding="utf-8")
        self._marker.touch()
        modules = [str(TREE / "workbench" / "projects" / "compat"), str(self._project), str(TREE)]
        own = environment(job, str(self._folder), str(job.tracking), modules)
        return subprocess.Popen(
            [*(_DIES_WITH_US if shutil.which(_DIES_WITH_US[0]) else ()), python, *job.command],
            cwd=self._project / job.folder,
            env={**os.environ, **variables, **own, "PYTHONPATH": _joined(os.environ, variables, own)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            bufsize=0,
            start_new_session=True,
        )


def _interpreter(compute: Compute, project: Path) -> str:
    """The interpreter that runs this, or the one that the compute names: a path, or a program on PATH."""
    if not compute.python or (compute.python in ("python", "python3")):
        return sys.executable
    return str(project / compute.python) if "/" in compute.python else compute.python


def _java() -> str | None:
    """The java that Spark takes: that of JAVA_HOME, which alone counts if it is set, else the first on PATH."""
    chosen = os.environ.get("JAVA_HOME")
    return shutil.which("java", path=f"{chosen}/bin" if chosen else None)


def _joined(*environments: Mapping[str, str]) -> str:
    """All module paths, without those that the run's own hide."""
    return os.pathsep.join(path for each in environments if (path := each.get("PYTHONPATH")))


def _signal(group: int, number: int) -> None:
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return
