"""A run in the pods of a Job: one pod an attempt, fed by exec, followed by its log, emptied by exec."""

import contextlib
import json
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Self, cast

from workbench.core import atomic_files
from workbench.experiments.targets import (
    STOP_SECONDS,
    TOO_LITTLE_MEMORY,
    Ended,
    Job,
    TargetError,
    container,
    job_archive,
)
from workbench.experiments.targets.kubernetes import pod_state
from workbench.experiments.targets.kubernetes.api import Sink
from workbench.experiments.targets.kubernetes.arrival import Arrival, Bounded
from workbench.experiments.targets.kubernetes.job_pods import JobPods
from workbench.experiments.targets.kubernetes.pod_log import Follower, Lines

if TYPE_CHECKING:
    from lightkube.models.core_v1 import Pod

_TRIES = 3
_PAUSE = 0.3
_DYING_SECONDS = 30.0
_POLL_SECONDS = 5.0
_COLLECTOR = Path(__file__).parents[1] / "changed.py"
_FOLDER = container.FOLDER
_RECEIVE = f"""
import os, sys, tarfile
tarfile.open(fileobj=sys.stdin.buffer, mode="r|").extractall("{_FOLDER}")
os.rename("{_FOLDER}/begin.partial", "{_FOLDER}/begin.json")
"""
# The script may have put anything in its place; neither followed nor waited for.
_TRACKING = f"""
import os, sys
file = os.open("{_FOLDER}/tracking.jsonl", os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
sys.stdout.buffer.write(os.fdopen(file, "rb").read({job_archive.LARGEST_TRACKING}))
"""
_RELEASE = f"open('{_FOLDER}/collected', 'w').close()"
_STOP = "import os; os.kill(1, 15)"
_KILLED = 143


class PodRun:
    """The run `index` of a Job. `own`: the Job is this run's alone, and goes with it."""

    def __init__(self, job_pods: JobPods, job: Job, index: int, image_variables: Sequence[str], *, own: bool) -> None:
        self._pods, self._job, self._index, self._own = job_pods, job, index, own
        self._python = job_pods.compute.python or "python3"
        self._variables = container.variables(job, job_pods.compute, list(image_variables))
        self._pod = ""  # the one that has the files
        self._seen: set[str] = set()
        self._lines = Lines("")
        self._follower: Follower | None = None
        self._ended: Ended | None = None
        self._stopped = False
        self._polled = 0.0

    def output(self) -> Iterator[bytes]:
        """See Running. Of all attempts, with a line between them."""
        while not self._ended:
            if not self._follower:
                yield from self._begin()
            if not self._follower:
                return
            yield from self._follower.output()
            yield from self._attempt(*self._outcome())

    def poll(self) -> None:
        """See Running."""
        if self._pod and not self._lines.ended and time.monotonic() - self._polled > _POLL_SECONDS:
            self._fetch_tracking()
            self._polled = time.monotonic()

    def stop(self, seconds: float = STOP_SECONDS) -> None:  # noqa: ARG002 - the pod's own program waits as long
        """See Running."""
        self._stopped = True
        if self._pod and not self._lines.ended:
            with contextlib.suppress(TargetError):
                self._exec(_STOP)

    def ended(self) -> Ended:
        """See Running."""
        return self._ended or Ended(_KILLED)

    def collect(self, folder: Path) -> list[str]:
        """See Running. A pod that is gone took its files along."""
        if not self._pod or not self._lines.ended:
            return []
        source = _COLLECTOR.read_text(encoding="utf-8")
        for attempt in range(_TRIES):
            code, told = None, list[str]()
            with Arrival(folder) as arrival, contextlib.suppress(TargetError):
                told = self._fetch_tracking()
                code = self._exec(source, f"{_FOLDER}/project", f"{_FOLDER}/marker", stdout=arrival)
            if arrival.refused or (code == 0 and arrival.is_whole()):
                return [*told, *arrival.left_out()]
            atomic_files.empty(folder)
            time.sleep(2**attempt)
        raise TargetError(f"the outputs in pod {self._pod} cannot be fetched whole from the cluster; submit again")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._follower:
            self._follower.quit()
        self._release()
        if self._own:
            self._pods.remove()

    def _begin(self) -> Iterator[bytes]:
        """Give the next attempt's pod its files as soon as it runs; tells what it waits for. Raises TargetError."""
        told, since = "", time.monotonic()
        while not self._stopped and not self._ended:
            pod = next((each for each in self._pods.pods(self._index) if _name(each) not in self._seen), None)
            if pod and pod_state.is_running(pod) and self._feed(_name(pod)):
                return
            if pod and pod_state.is_over(pod):
                self._seen.add(_name(pod))
                yield from self._attempt(pod_state.code(pod), pod_state.death(pod))
                continue
            if pod and (why := pod_state.hopeless(pod, self._pods.api.warnings(_name(pod)) if _waits(pod) else [])):
                raise TargetError(f"run {self._job.id}: {why}")
            waits = pod_state.waits_for(pod) if pod else self._pods.refusal(self._index)
            if not waits or self._pods.is_busy():
                since = time.monotonic()
            elif waits != told:
                told = waits
                yield f"[waiting: {waits}]\n".encode()
            if time.monotonic() - since > self._pods.compute.wait_seconds:
                raise TargetError(
                    f"run {self._job.id}: {waits}; it waited {self._pods.compute.wait_seconds} s; ask for less (cpus, "
                    "memory), make room, or set waitSeconds"
                )
            time.sleep(_PAUSE)

    def _feed(self, pod: str) -> bool:
        """Give a pod its files; False for one that ended meanwhile. Raises TargetError."""
        mark = secrets.token_hex(16)
        begin = {
            "command": [self._python, *self._job.command],
            "folder": f"{_FOLDER}/project/{self._job.folder}",
            "environment": self._variables,
            "limit": self._pods.compute.limit_seconds,
            "mark": mark,
        }
        with _scratch() as file:
            job_archive.write(self._job, file, {"begin.partial": json.dumps(begin).encode()})
            for attempt in range(_TRIES):
                file.seek(0)
                try:
                    if not self._pods.api.run(pod, self._python, "-c", _RECEIVE, stdin=file):
                        break
                    reason = "it could not unpack them"
                except TargetError as error:
                    reason = str(error)
                time.sleep(2**attempt)
                if not any(_name(each) == pod and pod_state.is_running(each) for each in self._pods.pods(self._index)):
                    return False
            else:
                raise TargetError(f"the pod {pod} does not take the run's files: {reason}")
        self._seen.add(pod)
        self._pod, self._lines = pod, Lines(mark)
        self._follower = Follower(self._lines, lambda: self._pods.api.log(pod), self._is_over)
        return True

    def _outcome(self) -> tuple[int, str]:
        """Of the attempt whose log has ended: its exit code, and why in words."""
        if told := self._lines.ended:
            late = pod_state.LIMIT if told["late"] else ""
            return int(told["code"]), TOO_LITTLE_MEMORY if told["memory"] else late
        end = time.monotonic() + _DYING_SECONDS
        while not self._is_over() and time.monotonic() < end:
            time.sleep(_PAUSE)
        pod = self._current()
        return (pod_state.code(pod), pod_state.death(pod)) if pod else (137, "its pod was taken away")

    def _attempt(self, code: int, why: str) -> Iterator[bytes]:
        """Note how an attempt ended; another one follows where there may be one."""
        attempt, attempts = len(self._seen), self._pods.compute.retries + 1
        if not code or attempt >= attempts or self._stopped:
            self._ended = Ended(code, why, attempt, (self._lines.ended or {}).get("seconds"))
            return
        self._release()
        self._follower, self._pod = None, ""
        reason = why or f"it ended with exit code {code}"
        yield f"[attempt {attempt} of {attempts} failed: {reason}; trying again]\n".encode()

    def _is_over(self) -> bool:
        pod = self._current()
        return pod is None or pod_state.is_over(pod)

    def _current(self) -> "Pod | None":
        return next((pod for pod in self._pods.pods(self._index) if _name(pod) == self._pod), None)

    def _release(self) -> None:
        """Let the pod go."""
        if self._pod:
            with contextlib.suppress(TargetError):
                self._exec(_RELEASE)

    def _fetch_tracking(self) -> list[str]:
        """Bring the tracking file up to date; a line where it is more than is taken. Raises TargetError."""
        with _scratch() as file:
            taken = Bounded(file, job_archive.LARGEST_TRACKING)
            try:
                code = self._exec(_TRACKING, stdout=taken)
            except TargetError:
                if not taken.over:
                    raise
                return [job_archive.TRACKING_TOO_LONG]
            if not code:
                file.seek(0)
                atomic_files.write_file(self._job.tracking, file.read())
        return []

    def _exec(self, source: str, *arguments: str, stdout: Sink | None = None) -> int:
        return self._pods.api.run(self._pod, self._python, "-c", source, *arguments, stdout=stdout)


@contextlib.contextmanager
def _scratch() -> Iterator[BinaryIO]:
    with tempfile.TemporaryFile() as file:
        yield cast("BinaryIO", file)


def _name(pod: "Pod") -> str:
    return str(pod.metadata.name if pod.metadata else "")


def _waits(pod: "Pod") -> bool:
    """Whether its container is held up by something worth asking about."""
    statuses = (pod.status.containerStatuses if pod.status else None) or []
    return any(
        status.state and status.state.waiting and status.state.waiting.reason != "ContainerCreating"
        for status in statuses
    )
