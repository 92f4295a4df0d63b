"""A score script's run(): the names of its arguments, read from its source. Runs nothing of it."""

import ast
from pathlib import Path

from model.errors import SchemaError


def arguments(path: Path) -> list[str]:
    """The names that run() takes, in order. Raises SchemaError for a script without a run() that can be called so."""
    try:
        source = path.read_bytes()
        tree = ast.parse(source, str(path))
    except OSError as error:
        raise SchemaError(f"{path}: cannot be read ({error.strerror}); give -f a score script") from error
    except (SyntaxError, ValueError) as error:
        line = f"line {error.lineno} " if isinstance(error, SyntaxError) and error.lineno else ""
        raise SchemaError(f"{path}: {line}is not Python ({getattr(error, 'msg', error)}); mend it") from error
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)]
    runs = [node for node in found if node.name == "run"]
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
