"""What `run` gets for an argument: rows as they came, a pandas frame or a numpy array.

A parameter's annotation decides; without one the schema's type does, as far as the image holds the package. Checks
nothing: that is done.
"""

import importlib.util
import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import numpy as np

from workbench.server.errors import Code, Detail, RequestError, ScriptError
from workbench.server.schema import Argument, Column

NUMPY, SPARK, PANDAS = 1, 2, 3
KINDS: Final = {"integer": np.int64, "number": np.float64, "boolean": np.bool_, "string": np.object_}

# A missing number is NaN, which no integer is; a missing truth value is None.
NULLABLE: Final = KINDS | {"integer": np.float64, "boolean": np.object_}

Convert = Callable[[Any], Any]


def converters(run: Callable[..., Any], arguments: tuple[Argument, ...]) -> dict[str, Convert]:
    """Give the conversion of each argument that `run` does not want as it came.

    Raises ScriptError for a frame that the image can't make.
    """
    parameters = inspect.signature(run).parameters
    found: dict[str, Convert] = {}
    for argument in arguments:
        wanted = _wanted(parameters[argument.name].annotation, argument)
        if wanted == "frame":
            found[argument.name] = _frame(argument)
        elif wanted == "array":
            found[argument.name] = _array(argument)
    return found


def _wanted(annotation: object, argument: Argument) -> str:
    """Tell "frame", "array" or "rows"; annotations may be texts, as of `from __future__ import annotations`."""
    if annotation is not inspect.Parameter.empty:
        text = annotation if isinstance(annotation, str) else inspect.formatannotation(annotation)
        return "frame" if "DataFrame" in text else "array" if "ndarray" in text or "NDArray" in text else "rows"
    if argument.type in (SPARK, PANDAS) and argument.columns is not None and _has_pandas():
        return "frame"
    return "array" if argument.type == NUMPY else "rows"


def _has_pandas() -> bool:
    return importlib.util.find_spec("pandas") is not None


def _frame(argument: Argument) -> Convert:
    if argument.columns is None:
        raise ScriptError(f"run's argument {argument.name} is a frame, but its schema is no list of row objects")
    if not _has_pandas():
        raise ScriptError(
            f"run's argument {argument.name} is a frame, but pandas is not in the image; name it in the requirements"
        )
    import pandas as pd  # only the images of those who asked for it hold it

    columns = argument.columns

    def frame(rows: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - pandas' types are not at hand here
        return pd.DataFrame({name: _cells(column, [row[name] for row in rows]) for name, column in columns.items()})

    return frame


def _array(argument: Argument) -> Convert:
    if argument.columns is not None:
        columns = argument.columns

        kinds = {column.kind for column in columns.values()}
        mixed = np.float64 if kinds <= {"integer", "number"} else np.object_

        def table(rows: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - its type follows from the schema
            return np.array([[row[name] for name in columns] for row in rows], dtype=mixed).reshape(-1, len(columns))

        return table
    item, name = argument.item, argument.name
    kind = (NULLABLE if item.nullable else KINDS).get(item.kind) if item else None

    def nest(value: object) -> Any:  # noqa: ANN401 - its type follows from the schema
        try:
            return np.asarray(value, dtype=kind)
        except ValueError:
            text = f"{name}: its lists are not of one length"
            raise RequestError(Code.BAD_INPUT, text, details=[Detail("shape", text, column=name)]) from None

    return nest


def _cells(column: Column, values: list[Any]) -> Any:  # noqa: ANN401 - its type follows from the schema
    return np.array(values, dtype=(NULLABLE if None in values else KINDS).get(column.kind, np.object_))


def convert(found: Mapping[str, Convert], arguments: dict[str, Any]) -> dict[str, Any]:
    """Replace the arguments that have a conversion."""
    return arguments | {name: change(arguments[name]) for name, change in found.items()}
