"""One job from its start to its end on any target: its output on the way, a stop by Ctrl-C, its files afterwards."""

import contextlib
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from workbench.core import home
from workbench.core.errors import WorkbenchError
from workbench.experiments.runs import outputs
from workbench.experiments.targets import Ended, Job, Running, Runtime, Target

Say = Callable[[str], None]
Print = Callable[[bytes], None]
_POLL_SECONDS = 2.0
_LOGGED = 64 * 1024**2
_TAIL = 4096
_LONGEST = 500


def execute(
    target: Target, runtime: Runtime, job: Job, say: Say, show: Print, written: Path, told: Callable[[], None]
) -> Ended:
    """Run a job and put the files that it wrote below `written`, by their path relative to the project.

    `told` is called every few seconds, from another thread, when the job's tracking file is up to date.
    An interrupt stops the job, keeps what it wrote, and is raised again. Raises TargetError.
    """
    with target.start(job, runtime) as running:
        try:
            with _polled(running, told):
                interrupted = _follow(running, say, show)
                ended = running.ended()
        except BaseException:
            with contextlib.suppress(WorkbenchError, OSError):
                outputs.tell(running.collect(written), say)
            raise
        outputs.tell(running.collect(written), say)
    if interrupted:
        raise KeyboardInterrupt
    return ended


def both(show: Print, log: BinaryIO) -> Print:
    """Show what comes and keep it in `log`, up to 64 MB of it."""

    def write(data: bytes) -> None:
        left = _LOGGED - log.tell()
        if left > 0:
            log.write(data[:left])
            if len(data) >= left:
                log.write(b"\n[the log ends here: 64 MB are kept]\n")
            log.flush()
        show(data)

    return write


def last_line(log: Path) -> str:
    """The last line of a log that says anything."""
    with log.open("rb") as file:
        file.seek(0, 2)
        file.seek(max(0, file.tell() - _TAIL))
        lines = [line.strip() for line in file.read().decode(errors="replace").splitlines() if line.strip()]
    return lines[-1][:_LONGEST] if lines else "it printed nothing"


@contextlib.contextmanager
def scratch() -> Iterator[Path]:
    """A folder in the home, where runs can be moved from without a copy, which goes afterwards."""
    work = home.create() / "work"
    work.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="run-", dir=work) as folder:
        yield Path(folder)


def _follow(running: Running, say: Say, show: Print) -> bool:
    """Show what a job prints until it ends; whether it was interrupted."""
    try:
        for data in running.output():
            show(data)
    except KeyboardInterrupt:
        say("stopping the run; interrupt again to end it at once")
        running.stop()
        for data in running.output():
            show(data)
        return True
    return False


@contextlib.contextmanager
def _polled(running: Running, told: Callable[[], None]) -> Iterator[None]:
    """Keep the job's tracking file up to date meanwhile."""
    ended = threading.Event()

    def poll() -> None:
        while not ended.wait(_POLL_SECONDS):
            with contextlib.suppress(WorkbenchError, OSError):
                running.poll()
                told()

    thread = threading.Thread(target=poll, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
