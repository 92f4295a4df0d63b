"""What scripts told their runs, read back from the file that `workbench.tracking` appends to. Keeps nothing."""

import json
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

FILE = "tracking.jsonl"
Scalar = bool | int | float | str


@dataclass(frozen=True)
class Point:
    """One value of a metric. `step` is the script's, else its place in the order told; `time` is ISO 8601, UTC."""

    value: Scalar
    step: int
    time: str


@dataclass
class Tracked:
    """All that a script told, by name. Of images and artifacts the paths below outputs/."""

    series: dict[str, list[Point]] = field(default_factory=dict)
    lists: dict[str, list[Scalar]] = field(default_factory=dict)
    images: dict[str, str] = field(default_factory=dict)
    artifacts: dict[str, str] = field(default_factory=dict)
    parameters: dict[str, Scalar] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def metrics(self) -> dict[str, Any]:
        """The last value of each metric, and what the last report says."""
        return {name: points[-1].value for name, points in self.series.items()} | self.report

    def record(self) -> dict[str, Any]:
        """What a run's record holds of it: of series and lists their number of values, which stay in the file."""
        return {
            "metrics": self.metrics,
            "series": {name: len(points) for name, points in self.series.items() if len(points) > 1},
            "lists": {name: len(values) for name, values in self.lists.items()},
            "images": self.images,
            "artifacts": self.artifacts,
        }


def read(folder: Path) -> Tracked:
    """What the run in `folder` was told so far. A line that a killed script left unfinished is not told."""
    found = Tracked()
    for line in _lines(folder / FILE):
        try:
            _take(json.loads(line), found)
        except (ValueError, KeyError, TypeError, OverflowError, RecursionError):
            continue
    for points in found.series.values():
        points.sort(key=lambda point: point.step)
    return found


def _lines(path: Path) -> Iterator[str]:
    try:
        with path.open(encoding="utf-8", errors="replace") as file:
            yield from file
    except FileNotFoundError:
        return


def _take(told: dict[str, Any], found: Tracked) -> None:
    name, kind = str(told["name"]), told["kind"]
    name.encode()  # half of a letter is a ValueError
    if kind == "metric":
        place = len(found.series.get(name, ()))
        point = Point(_scalar(told["value"]), int(told.get("step", place)), str(told["time"]))
        found.series.setdefault(name, []).append(point)
    elif kind == "list":
        found.lists[name] = [_scalar(value) for value in told["values"]]
    elif kind == "report":
        found.report = {str(key): value for key, value in dict(told["metrics"]).items()}
    elif kind == "parameter":
        found.parameters[name] = _scalar(told["value"])
    elif kind in ("image", "artifact"):
        paths = found.images if kind == "image" else found.artifacts
        paths[name] = str(_scalar(told["path"]))


def _scalar(value: object) -> Scalar:
    if not isinstance(value, bool | int | float | str):
        raise TypeError(f"{type(value).__name__} is no value of a metric")
    if isinstance(value, str):
        value.encode()  # half of a letter is a ValueError
    # As `workbench.tracking` tells what JSON has not; a script may write the file itself.
    return str(value) if isinstance(value, float) and not math.isfinite(value) else value
