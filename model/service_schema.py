"""What callers and the score script need to know of a model's columns: service_schema.json and signature.json."""

from typing import Any

import numpy as np
import pandas as pd

from model.columns import FEATURES, LABEL, Column, Kind

ARGUMENT = "input_df"
_PANDAS = 3
_SWAGGER = {
    "integer": {"type": "integer", "format": "int64"},
    "number": {"type": "number", "format": "double"},
    "string": {"type": "string"},
}


def service_schema(features: pd.DataFrame, example: list[int]) -> dict[str, Any]:
    """The schema of one pandas argument, with the rows `example` of `features` (null where a value is missing)."""
    properties = {column.name: _SWAGGER[kind(column, features)] for column in FEATURES}
    rows = [{column.name: _plain(features[column.name].iloc[row], column) for column in FEATURES} for row in example]
    items = {"type": "object", "properties": properties}
    return {"input": {ARGUMENT: {"type": _PANDAS, "swagger": {"type": "array", "items": items, "example": rows}}}}


def signature(categories: dict[str, list[str]]) -> dict[str, Any]:
    """The ONNX inputs by name and type, with the learned categories of each text ("" stands for missing)."""
    inputs: list[dict[str, Any]] = [
        {"name": column.name, "type": "string", "categories": categories[column.name]}
        if column.kind == "string"
        else {"name": column.name, "type": "number"}
        for column in FEATURES
    ]
    outputs = {"label": "label", "probabilities": "probabilities"}
    return {"label": LABEL, "classes": [0, 1], "positive": 1, "inputs": inputs, "outputs": outputs}


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
