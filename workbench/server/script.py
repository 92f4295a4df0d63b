"""The score script: loaded by its path, started once with `init()`, called with `run(...)`.

It decides nothing about requests. Whatever a script raises, even SystemExit, comes out of here as one of our errors.
"""

import importlib.util
import inspect
import sys
from collections.abc import Callable, Mapping
from importlib.abc import SourceLoader
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from workbench.server.arguments import Convert, convert, converters
from workbench.server.errors import RequestError, RunError, ScriptError
from workbench.server.schema import Schema

MODULE: Final = "score"
RAW: Final = ""  # no argument of run can have this name
BY_NAME: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
BY_PLACE: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.POSITIONAL_ONLY)


class Script:
    """A started score script.

    `quick` is the script's own word, `QUICK = True` beside its functions: run() computes some microseconds a row, waits
    for nothing, and answers each row by that row alone. Small requests then need no thread, and share a call.
    """

    def __init__(
        self, run: Callable[..., Any], converters: Mapping[str, Convert] | None = None, *, quick: bool = False
    ) -> None:
        self._run = run
        self._converters = converters or {}
        self.quick: Final = quick

    def run(self, /, **arguments: Any) -> Any:  # noqa: ANN401 - a script takes and answers what it likes
        """Call `run` with the schema's arguments, or with the raw body alone as `RAW`; raises RunError."""
        try:
            if self._converters:
                arguments = convert(self._converters, arguments)
            return self._run(arguments[RAW]) if RAW in arguments else self._run(**arguments)
        except RequestError:
            raise  # what was sent can't be put into the shape that run takes
        except BaseException as error:
            raise RunError(f"run raised {type(error).__name__}") from error


class VerifiedSource(SourceLoader):
    """Compiles the source itself: a .pyc lying beside it is in no manifest and would be trusted unseen."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002 - the loader's protocol
        return str(self._path)

    def get_data(self, path: str | bytes) -> bytes:  # noqa: ARG002 - the loader's protocol
        return self._path.read_bytes()


def start(path: Path, schema: Schema | None) -> Script:
    """Load the script at `path`, check it and call its `init()`.

    Without a schema run takes one argument, the raw body. Raises ScriptError in one line; what the script raised is
    its cause.
    """
    module = _load(path)
    init, run = (_function(module, name, path) for name in ("init", "run"))
    if inspect.signature(init).parameters:
        raise ScriptError(f"{path}: init takes no arguments")
    check_signature(run, schema.names if schema else None, path)
    try:
        init()
    except BaseException as error:
        raise ScriptError(f"{path}: init() failed: {_summary(error)}") from error
    return Script(
        run, converters(run, schema.arguments if schema else ()), quick=getattr(module, "QUICK", False) is True
    )


def check_signature(run: Callable[..., Any], arguments: tuple[str, ...] | None, path: Path) -> None:
    """Raise ScriptError if `run` can't be called with the schema's arguments, or without a schema with one text."""
    parameters = inspect.signature(run).parameters.values()
    names = tuple(parameter.name for parameter in parameters)
    kinds = BY_PLACE if arguments is None else BY_NAME
    if odd := [parameter for parameter in parameters if parameter.kind not in kinds]:
        raise ScriptError(f"{path}: run's argument {str(odd[0])!r} can't be passed; use plain named arguments")
    if arguments is None and len(names) != 1:
        raise ScriptError(f"{path}: without a schema run takes one argument, the raw body; it has {len(names)}")
    if arguments is not None and set(names) != set(arguments):
        raise ScriptError(f"{path}: run takes ({', '.join(names)}) and the schema describes ({', '.join(arguments)})")


def _load(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_loader(MODULE, VerifiedSource(path))
    if spec is None or spec.loader is None:
        raise ScriptError(f"{path}: not a loadable module")
    module = importlib.util.module_from_spec(spec)
    # Dataclasses and typing look a class's module up here.
    sys.modules[MODULE] = module
    try:
        spec.loader.exec_module(module)
    except BaseException as error:
        raise ScriptError(f"{path}: its import failed: {_summary(error)}") from error
    return module


def _function(module: ModuleType, name: str, path: Path) -> Callable[..., Any]:
    function = getattr(module, name, None)
    if not callable(function):
        raise ScriptError(
            f"{path}: there is no function {name}(); a score script has init() and run(<named arguments>)"
        )
    if inspect.iscoroutinefunction(function):
        raise ScriptError(f"{path}: {name}() is async; write a plain function, requests run in threads of their own")
    return function  # type: ignore[no-any-return] # getattr is untyped; callable() was asked


def _summary(error: BaseException) -> str:
    return " ".join(f"{type(error).__name__}: {error}".split())
