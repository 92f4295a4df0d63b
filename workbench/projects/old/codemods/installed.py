"""What the libraries of today have, asked of those that are installed here. Imports nothing of an old project."""

import contextlib
import importlib
import inspect
import re
import warnings
from functools import cache
from typing import Any

# Importing a module of these does nothing but define names.
_ASKED = ("numpy", "pandas", "scipy", "sklearn")
_DOTTED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*")
_INSIDE = ("tests", "conftest", "setup", "distutils", "testing", "__main__")


@cache
def has(full: str) -> bool | None:
    """Whether a name such as `numpy.float` exists; None of libraries that nobody asks."""
    parts = full.split(".")
    if not _DOTTED.fullmatch(full) or parts[0] not in _ASKED or set(parts) & set(_INSIDE):
        return None
    return _found(full) is not _NOTHING


@cache
def parameters(full: str) -> frozenset[str] | None:
    """The names that a class or function takes; None where it takes any, or is not known."""
    found: Any = _found(full) if has(full) else _NOTHING
    try:
        given = inspect.signature(found).parameters.values()
    except (TypeError, ValueError):
        return None
    if any(each.kind is inspect.Parameter.VAR_KEYWORD for each in given):
        return None
    return frozenset(each.name for each in given)


def version(package: str) -> str:
    """The version of an installed library."""
    return str(getattr(importlib.import_module(package), "__version__", ""))


_NOTHING = object()


def _found(full: str) -> Any:  # noqa: ANN401 - whatever has the name
    parts = full.split(".")
    found: Any = importlib.import_module(parts[0])
    for place, part in enumerate(parts[1:], 1):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            inner = _NOTHING
            with contextlib.suppress(Exception):  # some say by an error of their own what became of a name
                inner = getattr(found, part, _NOTHING)
            if inner is _NOTHING and inspect.ismodule(found):
                with contextlib.suppress(Exception):
                    inner = importlib.import_module(".".join(parts[: place + 1]))
        if inner is _NOTHING:
            return _NOTHING
        found = inner
    return found
