"""What `run` gets: rows, frames or arrays, by its annotations and the schema's types."""

import inspect
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from workbench.server.arguments import convert, converters
from workbench.server.errors import RequestError
from workbench.server.schema import parse_schema

MIXED = {"n": {"type": "integer", "x-nullable": True}, "t": {"type": "string"}}
NUMBERS = {"a": {"type": "integer"}, "b": {"type": "number", "x-nullable": True}}


def _given(run: Callable[..., Any], swagger: dict[str, Any], value: object, kind: int = 3) -> Any:
    """What `run`, whose one argument the schema describes, would get for a checked value."""
    (name,) = inspect.signature(run).parameters
    schema = parse_schema({"input": {name: {"type": kind, "swagger": swagger}}})
    return convert(converters(run, schema.arguments), {name: value})[name]


def _table(columns: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": {"type": "object", "properties": columns}}


def _nest(kind: str, depth: int, **rules: Any) -> dict[str, Any]:
    inner: dict[str, Any] = {"type": kind, **rules}
    for _ in range(depth):
        inner = {"type": "array", "items": inner}
    return inner


def plain(x):  # type: ignore[no-untyped-def] # noqa: ANN001, ANN201 - as most score scripts are written
    return x


def rows(x: list[dict[str, Any]]) -> object:
    return x


def frame(x: pd.DataFrame) -> object:
    return x


def array(x: npt.NDArray[np.float64]) -> object:
    return x


def test_a_script_that_asks_for_rows_gets_them_as_they_came() -> None:
    given = [{"n": 1, "t": "x"}]
    assert _given(rows, _table(MIXED), given) is given


@pytest.mark.parametrize("run", [plain, frame])
def test_a_table_of_the_old_kind_is_a_frame(run: Callable[..., Any]) -> None:
    made = _given(run, _table(MIXED), [{"t": "x", "n": 1}, {"n": None, "t": "y"}])
    assert [*made.columns] == ["n", "t"]
    assert made["n"].dtype == np.float64
    assert made["n"].isna().tolist() == [False, True]
    assert made["t"].tolist() == ["x", "y"]


def test_without_rows_a_frame_still_has_its_columns() -> None:
    assert [*_given(frame, _table(MIXED), []).columns] == ["n", "t"]


def test_a_table_for_an_array_keeps_the_schemas_order_and_its_kinds() -> None:
    made = _given(array, _table(NUMBERS), [{"b": None, "a": 3}])
    assert made.dtype == np.float64
    np.testing.assert_array_equal(made, [[3, np.nan]])
    assert _given(array, _table(MIXED), [{"n": 1, "t": "x"}]).tolist() == [[1, "x"]]


@pytest.mark.parametrize(
    ("kind", "rules", "value", "expected", "dtype"),
    [
        ("integer", {}, [[1, 2], [3, 4]], [[1, 2], [3, 4]], np.int64),
        ("number", {}, [[1, 2.5]], [[1, 2.5]], np.float64),
        ("boolean", {}, [[True]], [[True]], np.bool_),
        ("integer", {"x-nullable": True}, [[1, None]], [[1, np.nan]], np.float64),
        ("boolean", {"x-nullable": True}, [[True, None]], [[True, None]], np.object_),
    ],
)
def test_lists_of_the_old_numpy_kind_are_an_array(
    kind: str, rules: dict[str, Any], value: object, expected: Any, dtype: type
) -> None:
    made = _given(plain, _nest(kind, 2, **rules), value, kind=1)
    assert made.dtype == dtype
    np.testing.assert_array_equal(made, np.array(expected, dtype=dtype))


def test_lists_of_different_lengths_are_the_callers_mistake() -> None:
    with pytest.raises(RequestError, match="x: its lists are not of one length") as refused:
        _given(plain, _nest("integer", 2), [[1], [2, 3]], kind=1)
    assert refused.value.status == 400
