"""The entry of `workbench`: the table of its verbs, and errors turned into one line and an exit code."""

import errno
import os
import sys
from typing import Annotated, ClassVar, NoReturn

import typer

from workbench.cli import printing
from workbench.cli.verbs import Verb, Verbs
from workbench.core import interruption, loopback
from workbench.core.errors import WorkbenchError

_LONGEST = 600
_INTERRUPTED = 130
_PIPE_CLOSED = 141
_FULL = (errno.ENOSPC, errno.EDQUOT)
_DEBUG = "debug"


class Workbench(Verbs):
    """The verbs in the order of their use. A new verb is a new line: its name, its module, its line of help."""

    table: ClassVar = (
        Verb("project", "workbench.cli.project", "Make a project, or import one of the Azure ML Workbench."),
        Verb("data", "workbench.cli.data", "Make sample data."),
        Verb(
            "train",
            "workbench.cli.train",
            "Run the project's training, register what it gives, make its manifest and pin that in stacks.",
        ),
        Verb("experiment", "workbench.cli.experiment", "Prepare run configurations and submit scripts to them."),
        Verb("history", "workbench.cli.history", "List, show and compare runs, and use what they gave."),
        Verb("model", "workbench.cli.models", "Register, list, show, tag and delete models, and tell who uses them."),
        Verb("schema", "workbench.cli.schema", "Write what a score script takes: service_schema.json."),
        Verb("manifest", "workbench.cli.manifests", "List, show, create and delete manifests."),
        Verb("image", "workbench.cli.images", "Build images, and show who uses them."),
        Verb("service", "workbench.cli.services", "Create, update, show and call scoring services."),
        Verb("preview", "workbench.cli.preview", "Show what `pulumi up` would do to services, models and resources."),
        Verb(
            "promote",
            "workbench.cli.promote",
            "Pin the digest of the image that one stack serves in another stack's file.",
        ),
        Verb("env", "workbench.cli.environments", "Set up, choose, show and delete environments."),
        Verb("account", "workbench.cli.account", "Show where runs, models, states and services lie."),
        Verb("gc", "workbench.cli.gc", "List what no stack reaches, and remove it when asked to."),
        Verb("mlflow", "workbench.cli.mlflow", "Mirror runs and models to an MLflow server, and register from it."),
    )


app = typer.Typer(
    cls=Workbench,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 120},
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _note_debug(context: typer.Context, value: bool) -> None:
    if value:
        context.obj[_DEBUG] = True


@app.callback()
def workbench(
    debug: Annotated[
        bool,
        typer.Option(
            "--debug", help="Print the traceback of an error.", callback=_note_debug, expose_value=False, is_eager=True
        ),
    ] = False,
) -> None:
    """Train a model, pin it in a stack, then: pulumi up."""


def main() -> NoReturn:
    """Run the command line of this process. Exit codes: 0, 1 for an error, 2 for wrong usage, 130 interrupted."""
    interruption.listen()
    _open_missing()
    printing.open_streams()
    os.environ.update(loopback.variables())
    sys.exit(run(sys.argv[1:]))


def run(arguments: list[str], *, debug: bool = False) -> int:
    """Run one command and answer its exit code; an error is one line on stderr, or raised with `debug`."""
    command = typer.main.get_command(app)
    settings = {_DEBUG: debug}
    try:
        code: int | None = command.main(
            arguments or ["--help"], prog_name="workbench", standalone_mode=False, obj=settings
        )
        sys.stdout.flush()
    except typer.TyperException as error:
        return _fail(_usage(error), error.exit_code)
    except BrokenPipeError:
        # Python flushes stdout once more at exit, which must not fail again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _PIPE_CLOSED
    except Exception as error:
        if interruption.came():
            return _fail("interrupted", _INTERRUPTED)
        if settings[_DEBUG]:
            raise
        return _fail(_sentence(error), 1)
    # Typer turns an interrupt into this exit code without a word.
    return _fail("interrupted", code) if code == _INTERRUPTED else code or 0


def _open_missing() -> None:
    """Give a process that was started with closed streams others that lead nowhere, before a file gets their number."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        if getattr(sys, name) is None:
            mode = "w" if number else "r"
            setattr(sys, name, open(os.devnull, mode, encoding="utf-8"))  # noqa: PTH123, SIM115 - as long as we run


def _usage(error: typer.TyperException) -> str:
    """What is wrong with the command line, and what to write instead or where that stands."""
    message = error.format_message()
    if meant := getattr(error, "possibilities", None):
        return f"{error.message}; did you mean {' or '.join(meant)}?"
    context: typer.Context | None = getattr(error, "ctx", None)
    if context is None or message.endswith("?"):
        return message
    return f"{message.rstrip('.')}; see: {context.command_path} --help"


def _sentence(error: Exception) -> str:
    if isinstance(error, WorkbenchError):
        return "; ".join([str(error), *getattr(error, "__notes__", [])])
    if isinstance(error, OSError) and error.errno in _FULL:
        where = f"{error.filename}: " if error.filename else ""
        return f"{where}{error.strerror}; make room where this writes, and run it again"
    if isinstance(error, OSError) and error.filename:
        return f"{error.filename}: {error.strerror}"
    return f"{type(error).__name__}: {error}; run it again with --debug and report this"


def _fail(message: str, code: int) -> int:
    line = " ".join(message[: 2 * _LONGEST].split())
    printing.say("error: " + (line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"))
    return code
