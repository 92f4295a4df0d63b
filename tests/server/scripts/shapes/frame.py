"""Takes a pandas frame and answers it with one column more: a table."""

import pandas as pd


def init() -> None:
    pass


def run(frame: pd.DataFrame) -> pd.DataFrame:
    return frame.assign(total=frame["price"] * frame["count"])
