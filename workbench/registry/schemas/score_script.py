"""A score script's run(): the names of its arguments, read from its source. Runs nothing of it."""

import ast
from pathlib import Path

from workbench.core.errors import SchemaError


def arguments(path: Path) -> list[str]:
    """The names that run() takes, in order. Raises SchemaError for a script without a run() that can be called so."""
    try:
        runs = _runs(path)
    except OSError as error:
        raise SchemaError(f"{path}: cannot be read ({error.strerror}); give -f a score script") from error
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        line = f"line {error.lineno} " if isinstance(error, SyntaxError) and error.lineno else ""
        raise SchemaError(f"{path}: {line}is not Python ({getattr(error, 'msg', error)}); mend it") from error
    if not runs:
        raise SchemaError(f"{path}: defines no run(); a score script has init() and run(<named arguments>)")
    run = runs[-1]
    if isinstance(run, ast.AsyncFunctionDef):
        raise SchemaError(f"{path}: line {run.lineno}: run() is async; the server calls a plain function")
    given = run.args
    if given.vararg or given.kwarg or given.posonlyargs:
        raise SchemaError(
            f"{path}: line {run.lineno}: run() takes arguments without a name (*, ** or /); requests name each, so name"
            " them"
        )
    names = [each.arg for each in (*given.args, *given.kwonlyargs)]
    if not names:
        raise SchemaError(f"{path}: line {run.lineno}: run() takes nothing, so there is nothing to describe")
    return names


def count(path: Path) -> int | None:
    """How many arguments run() is defined with; None where that can't be read off."""
    try:
        runs = _runs(path)
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    if not runs or runs[-1].args.vararg:
        return None
    return len([*runs[-1].args.posonlyargs, *runs[-1].args.args, *runs[-1].args.kwonlyargs])


def _runs(path: Path) -> list[ast.FunctionDef | ast.AsyncFunctionDef]:
    body = ast.parse(path.read_bytes(), str(path)).body
    return [node for node in body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name == "run"]
