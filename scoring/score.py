"""Scores churn by the ONNX model below `models/`: one answer a row. The schema, not this script, checks input."""

import json
from itertools import repeat
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import onnxruntime

# run() takes microseconds a row and waits for nothing: the server need not give small requests a thread.
QUICK = True
_UNSEEN = -1.0
_FOR_UNSEEN = repeat(_UNSEEN)

_scorer: "Scorer | None" = None


class Scorer:
    """A model's session and what its signature says of the one tensor it takes."""

    def __init__(self, folder: Path) -> None:
        signature = json.loads((folder / "signature.json").read_bytes())
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        model = str(folder / "model.onnx")
        self._session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        texts = [each for each in signature["inputs"] if each["type"] == "string"]
        numbers = [each for each in signature["inputs"] if each["type"] == "number"]
        self._texts = itemgetter(*(text["name"] for text in texts))
        self._numbers = itemgetter(*(number["name"] for number in numbers))
        self._codes = tuple(_codes(text["categories"]) for text in texts)
        self._input, self._width = signature["tensor"], len(texts) + len(numbers)
        self._outputs = [signature["outputs"]["label"], signature["outputs"]["probabilities"]]
        self._positive: int = signature["classes"].index(signature["positive"])

    def answers(self, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """One object a row; `probability` is that of the positive class."""
        labels, probabilities = self._session.run(self._outputs, {self._input: self._tensor(rows)})
        chances = probabilities[:, self._positive].tolist()
        return [
            {"prediction": label, "probability": chance} for label, chance in zip(labels.tolist(), chances, strict=True)
        ]

    def _tensor(self, rows: list[dict[str, Any]]) -> npt.NDArray[np.float32]:
        """[rows, width]: codes of texts, then numbers; None becomes NaN. One flat list is the quickest way there."""
        flat: list[float | None] = []
        for row in rows:
            flat.extend(map(dict.get, self._codes, self._texts(row), _FOR_UNSEEN))
            flat.extend(self._numbers(row))
        return np.array(flat, dtype=np.float32).reshape(-1, self._width)


def init() -> None:
    """Load the one model below `models/`. Raises RuntimeError unless there is exactly one."""
    global _scorer  # noqa: PLW0603 - init() and run() share state by the contract
    folders = [path for path in Path("models").iterdir() if path.is_dir()]
    if len(folders) != 1:
        raise RuntimeError(f"models/ holds {len(folders)} folders, this script scores by exactly one")
    _scorer = Scorer(folders[0])


def run(input_df: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Score a list of rows, each a dict of all columns to their values; None is missing."""
    if _scorer is None:
        raise RuntimeError("run() was called before init()")
    return _scorer.answers(input_df) if input_df else []


def _codes(categories: list[str]) -> dict[str | None, float]:
    """The code of each category; missing has that of the empty text, if the model learned it."""
    codes: dict[str | None, float] = {category: float(code) for code, category in enumerate(categories)}
    return codes | {None: codes.get("", _UNSEEN)}
