"""`python3 -m workbench.server`: start serving; a failed start is one line in the log and exit code 1.

By several workers, if the settings or the container's cores say so: each of them comes through here again.
"""

import logging
import os
import sys
import traceback
from collections.abc import Sequence

from workbench.server import cores, logs, stdout
from workbench.server.errors import ScriptError, StartError
from workbench.server.settings import MOST_WORKERS, from_environment, traces
from workbench.server.worker import Worker, from_arguments
from workbench.server.workers import WorkerError, supervise


def main(arguments: Sequence[str]) -> int:
    worker = from_arguments(arguments)
    logs.configure()
    if worker is not None:
        stdout.share(worker.shared / "stdout.lock")
        logs.HANDLER.common = {"worker": worker.number}
    try:
        settings, tracing = from_environment(), traces(os.environ)
        count = 1 if worker else settings.workers or min(cores.count(), MOST_WORKERS)
        if count > 1:
            supervise(settings, count)
        else:
            # The parent of several workers never needs what this brings.
            from workbench.server.process import serve

            enter(settings.folder)
            serve(settings, traces=tracing, worker=worker)
    except StartError as error:
        refuse(error, worker)
        return 1
    except Exception as error:  # noqa: BLE001 - the last place: a crash is a line in the log too, and never hangs
        logs.event(logging.ERROR, "crashed", exc_info=error)
        return 1
    return 0


def refuse(error: StartError, worker: Worker | None) -> None:
    """Say in one line why there is no start; a worker leaves that to its parent."""
    told = traceback_of(error)
    if worker is not None:
        worker.failed(str(error), told)
    elif told is None:
        logs.event(logging.ERROR, "start_failed", message=str(error))
    else:
        logs.event(logging.ERROR, "start_failed", message=str(error), traceback=told)


def traceback_of(error: StartError) -> str | None:
    """The score script's own traceback, if it is at fault; ours would tell its reader nothing."""
    if isinstance(error, WorkerError):
        return error.traceback
    if isinstance(error, ScriptError) and error.__cause__ is not None:
        return "".join(traceback.format_exception(error.__cause__)).rstrip()
    return None


def enter(folder: str) -> None:
    """Make the service folder the working directory: score scripts name their models relative to it."""
    try:
        os.chdir(folder)
    except OSError as error:
        raise StartError(f"SCORING_FOLDER {folder}: {error.strerror}; it holds manifest.json and score.py") from error


if __name__ == "__main__":
    code = main(sys.argv[1:])
    sys.stdout.flush()
    sys.stderr.flush()
    # A thread of the score script can't be stopped, and the interpreter's own exit would wait for it.
    os._exit(code)
