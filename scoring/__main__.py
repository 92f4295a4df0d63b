"""`python3 -m scoring`: start serving; a failed start is one line in the log and exit code 1."""

import logging
import os
import sys

from scoring import logs
from scoring.errors import ScriptError, StartError
from scoring.process import serve
from scoring.settings import from_environment


def main() -> int:
    logs.configure()
    try:
        settings = from_environment()
        enter(settings.folder)
        serve(settings)
    except StartError as error:
        cause = error.__cause__ if isinstance(error, ScriptError) else None
        logs.event(logging.ERROR, "start_failed", exc_info=cause, message=str(error))
        return 1
    except Exception as error:  # noqa: BLE001 - the last place: a crash is a line in the log too, and never hangs
        logs.event(logging.ERROR, "crashed", exc_info=error)
        return 1
    return 0


def enter(folder: str) -> None:
    """Make the service folder the working directory: score scripts name their models relative to it."""
    try:
        os.chdir(folder)
    except OSError as error:
        raise StartError(f"SCORING_FOLDER {folder}: {error.strerror}; it holds manifest.json and score.py") from error


if __name__ == "__main__":
    code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # A thread of the score script can't be stopped, and the interpreter's own exit would wait for it.
    os._exit(code)
