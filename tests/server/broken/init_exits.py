import sys


def init() -> None:
    sys.exit(0)


def run(input_df: list[object]) -> object:
    return input_df
