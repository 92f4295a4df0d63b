"""Where runs execute. What every target must be able to do; each has a file of its own.

A target gets a job's files, runs its command in a copy of them, and gives back what the command wrote.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self, runtime_checkable

from workbench.core.errors import WorkbenchError
from workbench.experiments.configurations.compute import Compute
from workbench.experiments.configurations.run_configuration import RunConfiguration
from workbench.experiments.targets.snapshot import Snapshot

STOP_SECONDS = 10
TOO_LITTLE_MEMORY = "it needed more memory than the compute gives; set memory"
Say = Callable[[str], None]


class TargetError(WorkbenchError):
    """A target can't be reached, prepared, or given a run."""


@dataclass(frozen=True, kw_only=True)
class Runtime:
    """What a command runs in: `facts` are for the record, with a `digest` of all that can make a difference.

    `variables` are the image's own, `NAME=value`, where the target can't ask for them later.
    """

    facts: Mapping[str, Any]
    image: str = ""
    variables: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Job:
    """One command to run: script and arguments, after the interpreter, in `folder` of the project's copy.

    `data` are files of elsewhere by their name in the folder `data` beside the copy. `tracking` is the file here that
    fills with what the script tells; `spark` is the text of spark-defaults.conf, "" without Spark.
    """

    id: str
    project: str
    snapshot: Snapshot
    command: tuple[str, ...]
    tracking: Path
    folder: str = "."
    data: Mapping[str, Path] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    spark: str = ""


@dataclass(frozen=True)
class Ended:
    """The exit code that a shell would give, why in words where the code alone doesn't say, and of which attempt.

    `seconds` is how long the script took, where its run waited for room before.
    """

    code: int
    why: str = ""
    attempt: int = 1
    seconds: float | None = None


class Running(Protocol):
    """A job under way. Leaving the context removes all that the target kept for it, ended or not."""

    def output(self) -> Iterator[bytes]:
        """What it prints, as it prints it, until it ends; called again it goes on where it was. Raises TargetError."""

    def poll(self) -> None:
        """Bring the job's tracking file up to date."""

    def stop(self, seconds: float = STOP_SECONDS) -> None:
        """Ask it to end, and make it end after `seconds`."""

    def ended(self) -> Ended:
        """How it ended; waits for that."""

    def collect(self, folder: Path) -> list[str]:
        """Put each file that it wrote or changed below `folder`, by its path relative to the project.

        Gives a line for each thing that it wrote and that is no file, such as a link.
        """

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Target(Protocol):
    """A place for runs."""

    def prepare(self, configuration: RunConfiguration, say: Say, *, build: bool) -> Runtime:
        """Have what the configuration asks for, made now if `build` is set. Raises WorkbenchError."""

    def start(self, job: Job, runtime: Runtime) -> Running:
        """Begin. Raises TargetError."""


@runtime_checkable
class Assembling(Target, Protocol):
    """A place that wants to know of all jobs before the first begins."""

    def together(self, jobs: Sequence[Job], runtime: Runtime, parallel: int) -> AbstractContextManager[Target]:
        """A target that starts just these jobs, of which the place runs `parallel` at a time. Raises TargetError."""


def make(compute: Compute, project: Path) -> Target:
    """The target of a compute. Raises TargetError for one that is not there yet."""
    if compute.type == "local":
        from workbench.experiments.targets.local import Local

        return Local(compute, project)
    if compute.type == "kubernetes":
        from workbench.experiments.targets.kubernetes.kubernetes import Kubernetes

        return Kubernetes(compute)
    from workbench.experiments.targets.docker import Docker  # the other target needs none of it

    return Docker.of(compute)
