"""Takes a frame, an array, a number, a truth value and a text beside each other, and answers an object."""

from typing import Any

import numpy.typing as npt
import pandas as pd


def init() -> None:
    pass


def run(frame: pd.DataFrame, weights: npt.NDArray[Any], threshold: float, strict: bool, note: str | None) -> Any:
    sums = (frame["price"] * weights[: len(frame)]).tolist()
    kept = [each for each in sums if each > threshold or not strict]
    return {"kept": kept, "rows": len(frame), "note": note, "nested": {"weights": weights.tolist()}}
