"""A team's own model in the format of skops: its classes are named, nothing is unpickled."""

from pathlib import Path

import pandas as pd
from skops.io import load

TRUSTED: list[str] = []
_model = None


def init() -> None:
    global _model
    _model = load(next(Path("models").glob("*/model.skops")), trusted=TRUSTED)


def run(frame: pd.DataFrame) -> list[dict[str, float]]:
    return [{"species": int(answer)} for answer in _model.predict(frame)]
