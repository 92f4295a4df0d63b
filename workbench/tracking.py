"""What a script tells its run: metrics, lists, images, files, parameters.

The standard library alone, as this file goes into every image. Outside a run it prints and keeps nothing.
A name that cannot be kept ends no training: it is mended or left out, with a line on stderr.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import sys
from collections.abc import Iterable, Mapping
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

FILE = "WORKBENCH_TRACKING"  # the file that this appends to, a JSON object a line
OUTPUTS = "WORKBENCH_OUTPUTS"  # the run's outputs/
RUN = "WORKBENCH_RUN"  # the run's id
_LONGEST = 200


def log(name: str, value: object, step: int | None = None) -> None:
    """Tell a metric: a number, a text or a boolean. Told again it is a series, in the order told or of `step`."""
    if not (name := _mended(name)):
        return
    _tell("metric", name, value=_scalar(name, value), **({} if step is None else {"step": int(step)}))


def log_report(metrics: Mapping[str, object]) -> None:
    """Tell all metrics of the run's model at once, as values with intervals; see docs/own-models.md for the shape.

    Raises ValueError for what JSON does not have, such as NaN.
    """
    _tell("report", "report", metrics=dict(metrics))


def log_list(name: str, values: Iterable[object]) -> None:
    """Tell many values at once, such as one a class or a threshold."""
    if not (name := _mended(name)):
        return
    _tell("list", name, values=[_scalar(name, value) for value in values])


def log_image(name: str, image: Any) -> None:  # noqa: ANN401 - a path, or whatever has savefig
    """Keep a picture: the path of a file, or a figure of matplotlib, as `outputs/<name>` with its ending."""
    if not (name := _mended(name)):
        return
    if not hasattr(image, "savefig"):
        source = Path(image)
        _tell("image", name, path=_keep(source, name + source.suffix))
    elif folder := os.environ.get(OUTPUTS):
        target = Path(folder, f"{_checked(name)}.png")
        target.parent.mkdir(parents=True, exist_ok=True)
        image.savefig(target)
        _tell("image", name, path=f"{name}.png")
    else:
        _tell("image", name)


def artifact(path: str | os.PathLike[str], name: str | None = None) -> None:
    """Keep a file among the outputs, wherever it lies, under its own name or another."""
    source = Path(path)
    if name := _mended(name or source.name):
        _tell("artifact", name, path=_keep(source, name))


def parameters(**values: object) -> None:
    """Tell what the run depends on beside its arguments."""
    for given, value in values.items():
        if name := _mended(given):
            _tell("parameter", name, value=_scalar(name, value))


def _keep(source: Path, name: str) -> str:
    """Copy a file below outputs/ unless it is there; its path in there. Raises OSError, ValueError."""
    folder = os.environ.get(OUTPUTS)
    if not source.is_file():
        raise FileNotFoundError(f"{source}: there is no such file to keep")
    if not folder:
        return str(source)
    root = Path(folder).resolve()
    if root in source.resolve().parents:
        return source.resolve().relative_to(root).as_posix()
    target = root / _checked(name)
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    return target.relative_to(root).as_posix()


def _checked(name: str) -> str:
    if Path(name).is_absolute() or ".." in Path(name).parts:
        raise ValueError(f"{name!r} leads out of outputs/; give a name such as plots/roc.png")
    return name


def _mended(name: object) -> str:
    """A name of 1 to 200 letters on one line: the one given, else one made of it; "" where nothing can be made."""
    if isinstance(name, str) and 0 < len(name) <= _LONGEST and name.isprintable():
        return name
    plain = "".join(each if each.isprintable() else " " for each in str(name))
    made = " ".join(plain.split())[:_LONGEST].strip()
    outcome = f"kept as {made!r:.60}" if made else "its values are not kept"
    print(f"the name {name!a:.60} is not 1 to {_LONGEST} letters on one line; {outcome}", file=sys.stderr)
    return made


def _tell(kind: str, name: str, **what: object) -> None:
    path = os.environ.get(FILE)
    if not path:
        told = next(iter(what.values()), "")
        print(f"{name}: {told}")
        return
    now = datetime.now(timezone.utc).isoformat(timespec="milliseconds")  # noqa: UP017 - images may have another Python
    line = json.dumps({"kind": kind, "name": name, **what, "time": now}, allow_nan=False)
    # One write at the end of the file: processes that tell at the same time don't mix their lines.
    handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o644)
    try:
        os.write(handle, f"{line}\n".encode())
    finally:
        os.close(handle)


def _scalar(name: str, value: object) -> bool | int | float | str:
    """A value as JSON has it; numbers that JSON has not, as text."""
    plain = value.item() if hasattr(value, "item") and getattr(value, "size", 1) == 1 else value
    if isinstance(plain, float) and not math.isfinite(plain):
        return str(plain)
    if isinstance(plain, bool | int | float | str):
        return plain
    raise TypeError(f"{name}: {type(value).__name__} is neither number nor text; log_list takes many values")
