"""Scales its rows in place, as many scripts do, and fails on one state."""

from typing import Any

QUICK = True


def init() -> None:
    pass


def run(input_df: list[dict[str, Any]]) -> list[dict[str, Any]]:
    for row in input_df:
        row["age"] /= 100
    for row in input_df:
        if row["state"] == "raise":
            raise ValueError(row["state"])
    return [{"prediction": row["age"]} for row in input_df]
