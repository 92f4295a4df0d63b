"""Answers with a number made of a row's numbers and with the row's state."""

from typing import Any


def init() -> None:
    pass


def run(input_df: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [
        {"prediction": row["age"] * (row["ratio"] or 0.0) * row["member"], "label": row["state"]} for row in input_df
    ]
