"""Is never ready within a test."""

import time


def init() -> None:
    time.sleep(60)


def run(input_df: list[object]) -> object:
    return input_df
