"""Answers every row with its age; the column `state` says what happens on the way."""

import sys
import time
from pathlib import Path
from typing import Any

state: dict[str, str] = {}


def init() -> None:
    state["weights"] = Path("models/toy/weights.txt").read_text(encoding="utf-8")


def run(input_df: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in input_df:
        if row["state"] == "raise":
            raise ValueError("the secret of this row")
        if row["state"] == "exit":
            sys.exit(3)
        if row["state"] == "sleep":
            time.sleep(row["age"])
    return [{"prediction": row["age"], "weights": state["weights"]} for row in input_df]
