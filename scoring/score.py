"""Scores churn by the ONNX model below `models/`: one answer a row. The schema, not this script, checks input."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

_MISSING = (None, "\\N")

_scorer: "Scorer | None" = None


class Scorer:
    """A model's session and what its signature says of inputs and classes."""

    def __init__(self, folder: Path) -> None:
        signature = json.loads((folder / "signature.json").read_bytes())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        model = str(folder / "model.onnx")
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self._inputs: list[tuple[str, bool]] = [
            (each["name"], each["type"] == "number") for each in signature["inputs"]
        ]
        self._outputs = [signature["outputs"]["label"], signature["outputs"]["probabilities"]]
        self._positive: int = signature["classes"].index(signature["positive"])

    def answers(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One object a row; `probability` is that of the positive class."""
        feed = {name: _numbers(rows, name) if number else _texts(rows, name) for name, number in self._inputs}
        labels, probabilities = self._session.run(self._outputs, feed)
        chances = probabilities[:, self._positive].tolist()
        return [
            {"prediction": label, "probability": chance} for label, chance in zip(labels.tolist(), chances, strict=True)
        ]


def init() -> None:
    """Load the one model below `models/`. Raises RuntimeError unless there is exactly one."""
    global _scorer  # noqa: PLW0603 - init() and run() share state by the contract
    folders = [path for path in Path("models").iterdir() if path.is_dir()]
    if len(folders) != 1:
        raise RuntimeError(f"models/ holds {len(folders)} folders, this script scores by exactly one")
    _scorer = Scorer(folders[0])


def run(input_df: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Score a list of rows, each a dict of column to value; null and a column that is left out are missing."""
    if _scorer is None:
        raise RuntimeError("run() was called before init()")
    return _scorer.answers(input_df) if input_df else []


def _numbers(rows: list[dict[str, Any]], name: str) -> npt.NDArray[np.float32]:
    values = [np.nan if (value := row.get(name)) in _MISSING else value for row in rows]
    return np.array(values, dtype=np.float32).reshape(-1, 1)


def _texts(rows: list[dict[str, Any]], name: str) -> npt.NDArray[np.object_]:
    values = ["" if (value := row.get(name)) in _MISSING else value for row in rows]
    return np.array(values, dtype=np.object_).reshape(-1, 1)
