"""Scores churn by the ONNX model that lies in the service's folder; answers one object a row."""

import json
from pathlib import Path

import numpy as np
import onnxruntime

_inputs = []
_session = None
_positive = 1


def init():
    """Load the one model below `models/`. Raises RuntimeError unless there is exactly one."""
    global _inputs, _session, _positive  # noqa: PLW0603 - init() and run() share state by the contract
    folders = [path for path in Path("models").iterdir() if path.is_dir()]
    if len(folders) != 1:
        raise RuntimeError(f"models/ holds {len(folders)} folders, this script scores by exactly one")
    signature = json.loads((folders[0] / "signature.json").read_bytes())
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    _session = onnxruntime.InferenceSession(str(folders[0] / "model.onnx"), options, providers=["CPUExecutionProvider"])
    _inputs = signature["inputs"]
    _positive = signature["classes"].index(signature["positive"])


def run(input_df):
    """Score a list of rows, each a dict of column to value, in one go."""
    if not input_df:
        return []
    feed = {column["name"]: _column(column, input_df) for column in _inputs}
    labels, probabilities = _session.run(["label", "probabilities"], feed)
    return [
        {"prediction": int(label), "probability": float(row[_positive])} for label, row in zip(labels, probabilities)
    ]


def _column(column, rows):
    values = [row.get(column["name"]) for row in rows]
    if column["type"] == "number":
        return np.array([np.nan if value is None else value for value in values], dtype=np.float32)[:, None]
    return np.array(["" if value is None else value for value in values], dtype=object)[:, None]
