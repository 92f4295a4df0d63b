"""The entry of `workbench`: puts the verbs together and turns errors into one line and an exit code."""

import os
import signal
import sys
from types import FrameType
from typing import NoReturn

import typer

from model.cli import data, history, manifests, models, promote, services, train
from model.errors import WorkbenchError

_LONGEST = 600
_INTERRUPTED = 130
_PIPE_CLOSED = 141

app = typer.Typer(
    help="Train a churn model, pin it in a stack, then: pulumi up. With --debug an error prints its traceback.",
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
app.add_typer(data.app, name="data")
app.command()(train.train)
app.add_typer(models.app, name="model")
app.add_typer(manifests.app, name="manifest")
app.add_typer(history.app, name="history")
app.add_typer(services.app, name="service")
app.command()(promote.promote)


def main() -> NoReturn:
    """Run the command line of this process. Exit codes: 0, 1 for an error, 2 for wrong usage, 130 interrupted."""
    signal.signal(signal.SIGTERM, _interrupt)
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    sys.exit(run(arguments, debug=len(arguments) < len(sys.argv) - 1))


def run(arguments: list[str], *, debug: bool = False) -> int:
    """Run one command and answer its exit code; an error is one line on stderr."""
    command = typer.main.get_command(app)
    try:
        code: int | None = command.main(arguments or ["--help"], prog_name="workbench", standalone_mode=False)
        sys.stdout.flush()
    except typer.TyperException as error:
        return _fail(error.format_message(), error.exit_code)
    except BrokenPipeError:
        # Python flushes stdout once more at exit, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except Exception as error:
        if debug:
            raise
        return _fail(_sentence(error), 1)
    # Typer turns an interrupt into this exit code without a word.
    return _fail("interrupted", code) if code == _INTERRUPTED else code or 0


def _sentence(error: Exception) -> str:
    if isinstance(error, WorkbenchError):
        return str(error)
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return f"{type(error).__name__}: {error}; run it again with --debug and report this"


def _fail(message: str, code: int) -> int:
    line = " ".join(message[: 2 * _LONGEST].split())
    print("error: " + (line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"), file=sys.stderr)
    return code


def _interrupt(_number: int, _frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
