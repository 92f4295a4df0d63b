"""What callers and the score script need to know of a model's columns: service_schema.json and signature.json."""

from typing import Any

import numpy as np
import pandas as pd

from model.columns import FEATURES, LABEL, Column, Kind

ARGUMENT = "input_df"
_STANDARD, _PANDAS = 0, 3
_ANSWER = {
    "type": "object",
    "properties": {
        "prediction": {"type": "integer", "format": "int64"},
        "probability": {"type": "number", "format": "double"},
    },
}
_FORMATS = {"integer": {"format": "int64"}, "number": {"format": "double"}, "string": {}}
TENSOR = "features"


def service_schema(features: pd.DataFrame, example: list[int]) -> dict[str, Any]:
    """The schema of one pandas argument, with the rows `example` of `features` (null where a value is missing)."""
    properties = {column.name: _rules(column, features) for column in FEATURES}
    rows = [{column.name: _plain(features[column.name].iloc[row], column) for column in FEATURES} for row in example]
    items = {"type": "object", "properties": properties}
    return {
        "input": {ARGUMENT: {"type": _PANDAS, "swagger": {"type": "array", "items": items, "example": rows}}},
        "output": {"answers": {"type": _STANDARD, "swagger": {"type": "array", "items": _ANSWER}}},
    }


def signature(categories: dict[str, list[str]]) -> dict[str, Any]:
    """What the columns of the model's one input [n, 26] are, in order.

    Texts by the index of their category (-1 for one that was never seen, "" stands for missing), then numbers (NaN for
    missing).
    """
    texts: list[dict[str, Any]] = [
        {"name": column.name, "type": "string", "categories": categories[column.name]}
        for column in FEATURES
        if column.kind == "string"
    ]
    numbers = [{"name": column.name, "type": "number"} for column in FEATURES if column.kind != "string"]
    return {
        "label": LABEL,
        "classes": [0, 1],
        "positive": 1,
        "tensor": TENSOR,
        "inputs": texts + numbers,
        "outputs": {"label": "label", "probabilities": "probabilities"},
    }


def _rules(column: Column, features: pd.DataFrame) -> dict[str, Any]:
    """What a caller may send: nothing that the training data did not hold too may be refused."""
    values = features[column.name]
    rules: dict[str, Any] = {"type": kind(column, features), **_FORMATS[kind(column, features)]}
    if column.kind == "string":
        present = values[values != ""]
        rules |= {"x-nullable": True} if len(present) < len(values) else {}
        closed = column.categories is not None and set(present) <= set(column.categories)
        return rules | ({"enum": list(column.categories or ())} if closed else {})
    rules |= {"x-nullable": True} if values.isna().any() else {}
    if column.minimum is not None and not values.min() < column.minimum:
        rules["minimum"] = column.minimum
    if column.maximum is not None and not values.max() > column.maximum:
        rules["maximum"] = column.maximum
    return rules


def kind(column: Column, features: pd.DataFrame) -> Kind:
    """The column's kind, widened from integer to number when the data hold a fraction."""
    if column.kind != "integer":
        return column.kind
    values = features[column.name].to_numpy()
    present = values[~np.isnan(values)]
    return "integer" if bool((present == np.round(present)).all()) else "number"


def _plain(value: Any, column: Column) -> str | int | float | None:  # noqa: ANN401 - a cell
    if column.kind == "string":
        return str(value) or None
    if np.isnan(value):
        return None
    number = float(str(value))  # the shortest decimal of a float32: 0.06, not 0.05999999865889549
    return int(number) if column.kind == "integer" and number.is_integer() else number
