"""What a pod sends back: unpacked while it comes, ended where it is too much, asked again where it broke off."""

import io
import itertools
import json
import tarfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, cast

import pytest

from workbench.experiments.configurations.compute import Compute
from workbench.experiments.targets import Job, TargetError, job_archive
from workbench.experiments.targets.kubernetes.api import Sink
from workbench.experiments.targets.kubernetes.arrival import Arrival
from workbench.experiments.targets.kubernetes.pod_run import PodRun
from workbench.experiments.targets.snapshot import Snapshot

if TYPE_CHECKING:
    from lightkube.models.core_v1 import Pod

    from workbench.experiments.targets.kubernetes.job_pods import JobPods

Answer = Iterator[bytes]


def _tar(*names: str, data: bytes = b"1") -> bytes:
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as archive:
        for name in names:
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return stream.getvalue()


class _Cluster:
    """The one pod of a job, whose script has ended; `outputs` and `tracking` are what it sends each time."""

    def __init__(self, outputs: Callable[[int], Answer], tracking: Callable[[], Answer]) -> None:
        from lightkube.models.core_v1 import Pod

        self.compute, self.api = Compute(name="k", type="kubernetes"), self
        self._outputs, self._tracking, self._mark = outputs, tracking, ""
        self.asked = self.sent = 0
        state = {"running": {"startedAt": "2026-01-31T00:00:00Z"}}
        status = {"name": "run", "image": "", "imageID": "", "ready": True, "restartCount": 0, "state": state}
        self._pod = Pod.from_dict({"metadata": {"name": "p"}, "status": {"containerStatuses": [status]}})

    def pods(self, _index: int) -> "list[Pod]":
        return [cast("Pod", self._pod)]

    def is_busy(self) -> bool:
        return True

    def log(self, _pod: str) -> Iterator[str]:
        yield f"2026-01-31T00:00:00Z {self._mark}{json.dumps({'code': 0, 'late': False, 'memory': False})}"

    def run(self, _pod: str, *command: str, stdin: BinaryIO | None = None, stdout: Sink | None = None) -> int:
        if stdin:
            with tarfile.open(fileobj=stdin, mode="r:") as archive:
                source = cast("BinaryIO", archive.extractfile("begin.partial"))
                self._mark = json.loads(source.read())["mark"]
        if stdout:
            self.asked += len(command) > 4
            for data in self._outputs(self.asked) if len(command) > 4 else self._tracking():
                stdout.write(data)
                self.sent += len(data)
        return 0


@pytest.fixture
def collect(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., tuple[list[str], list[str], _Cluster]]:
    """Collect what a pod sends: what is told, what lies there, and the pod."""
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    monkeypatch.setattr(job_archive, "LARGEST_TRACKING", 1000)

    def act(
        outputs: Callable[[int], Answer], tracking: Callable[[], Answer] = lambda: iter([b"told\n"])
    ) -> tuple[list[str], list[str], _Cluster]:
        cluster, folder = _Cluster(outputs, tracking), tmp_path / "written"
        folder.mkdir()
        job = Job(id="a", project="p", snapshot=Snapshot({}), command=("a.py",), tracking=tmp_path / "tracking.jsonl")
        with PodRun(cast("JobPods", cluster), job, 0, [], own=False) as running:
            list(running.output())
            told = running.collect(folder)
        return told, sorted(path.name for path in folder.iterdir()), cluster

    return act


def _endless(name: str) -> Answer:
    entry = tarfile.TarInfo(name)
    entry.size = 2**50
    yield entry.tobuf(tarfile.GNU_FORMAT)
    yield from itertools.repeat(bytes(1 << 20))


def test_outputs_that_come_whole_are_kept_and_asked_for_once(collect: Any, tmp_path: Path) -> None:
    told, names, cluster = collect(lambda _asked: iter([_tar("a", "b")]))
    assert (told, names, cluster.asked) == ([], ["a", "b"], 1)
    assert (tmp_path / "tracking.jsonl").read_text() == "told\n"


def test_outputs_that_break_off_are_asked_for_again_and_nothing_of_the_first_stays(collect: Any) -> None:
    told, names, cluster = collect(lambda asked: iter([_tar("half", "b")[:1024] if asked == 1 else _tar("a")]))
    assert (told, names, cluster.asked) == ([], ["a"], 2)


def test_an_endless_file_is_refused_while_it_arrives(collect: Any, tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"wrote more than .* write less"):
        collect(lambda _asked: _endless("x"))
    assert list((tmp_path / "written").iterdir()) == []


def test_endless_bytes_and_entries_are_refused_while_they_arrive(tmp_path: Path) -> None:
    for endless in (itertools.repeat(_tar("x")[:1024]), itertools.repeat(_tar("y", data=b"1" * 4096)[:4608])):
        arrival = Arrival(tmp_path / "in", largest=100_000, most=50)
        with arrival, pytest.raises(TargetError, match="more than is taken"):
            all(arrival.write(data) for data in itertools.islice(endless, 1000))
        assert arrival.refused
        with pytest.raises(TargetError, match="wrote more than 50 files"):
            arrival.left_out()


def test_what_goes_on_behind_the_end_of_an_archive_is_refused(collect: Any) -> None:
    with pytest.raises(TargetError, match="goes on behind its end"):
        collect(lambda _asked: itertools.chain([_tar("a")], itertools.repeat(bytes(1 << 20))))


def test_a_broken_archive_is_one_error_and_is_not_asked_for_again(collect: Any) -> None:
    with pytest.raises(TargetError, match="is broken"):
        collect(lambda _asked: itertools.repeat(b"\xff" * 4096))


def test_an_endless_tracking_file_is_told_and_costs_no_outputs(collect: Any, tmp_path: Path) -> None:
    told, names, cluster = collect(lambda _asked: iter([_tar("a")]), lambda: itertools.repeat(b"x" * 300))
    assert (told, names) == ([job_archive.TRACKING_TOO_LONG], ["a"])
    assert not (tmp_path / "tracking.jsonl").exists()
    assert cluster.sent < 20_000
