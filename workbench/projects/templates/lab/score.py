"""Answers rows by the ONNX model that train.py saved. The schema, not this script, checks input."""

from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

_sessions: list[Any] = []


def init() -> None:
    """Called once, in the service's folder: the model's files lie below models/."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    model = next(Path("models").glob("*/model.onnx"))
    _sessions.append(onnxruntime.InferenceSession(str(model), options, providers=["CPUExecutionProvider"]))


def run(input_df: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Called with rows that fit the schema; `probability` is that of leaving."""
    if not input_df:
        return []
    session = _sessions[0]
    columns = {each.name: _column(input_df, each.name, each.type) for each in session.get_inputs()}
    labels, chances = session.run(None, columns)
    pairs = zip(labels.tolist(), chances[:, 1].tolist(), strict=True)
    return [{"prediction": label, "probability": chance} for label, chance in pairs]


def _column(rows: list[dict[str, Any]], name: str, kind: str) -> Any:  # noqa: ANN401 - an array
    values = [row[name] for row in rows]
    if kind == "tensor(string)":
        return np.array([[value or ""] for value in values], dtype=object)
    return np.array([[np.nan if value is None else value] for value in values], dtype=np.float32)
