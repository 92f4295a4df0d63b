"""Takes a numpy array and answers nested lists."""

from typing import Any

import numpy.typing as npt


def init() -> None:
    pass


def run(matrix: npt.NDArray[Any]) -> list[list[float]]:
    doubled: list[list[float]] = (matrix * 2).tolist()
    return doubled
