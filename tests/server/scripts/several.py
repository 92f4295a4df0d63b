"""Takes a table, a list and two values beside each other."""

from typing import Any


def init() -> None:
    pass


def run(frame: list[dict[str, Any]], weights: list[float], threshold: float, verbose: bool) -> dict[str, Any]:
    scores = [weight * len(frame) for weight in weights if weight > threshold or verbose]
    return {"scores": scores, "names": [row["label"] for row in frame]}
