"""Answers every row with its age, at once; the column `state` says what goes wrong on the way."""

import logging
from typing import Any

QUICK = True
LOG = logging.getLogger("score")


def init() -> None:
    pass


def run(input_df: list[dict[str, Any]]) -> Any:
    for row in input_df:
        if row["state"] == "raise":
            raise ValueError("the secret of this row")
        if row["state"] == "odd":
            return {"no JSON"}
        if row["state"] == "log":
            LOG.warning("seen")
    return [{"prediction": row["age"]} for row in input_df]
