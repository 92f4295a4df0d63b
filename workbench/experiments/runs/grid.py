"""A grid of parameters: what `--grid NAME=VALUE,VALUE` says, and all its points. Pure."""

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

from workbench.core.errors import ParameterError

LARGEST = 1000
_FORM = re.compile(r"(?:--?)?([A-Za-z][\w.-]*)=(.+)", re.DOTALL)


@dataclass(frozen=True)
class Axis:
    """A parameter and the values that it takes, as texts."""

    name: str
    values: tuple[str, ...]


def parse(texts: Sequence[str]) -> list[Axis]:
    """The axes that people wrote. Raises ParameterError for one that can't be read, twice a name, too many points."""
    if not texts:
        raise ParameterError("--grid is missing; write at least one, such as --grid C=0.1,1,10")
    axes = [_axis(text) for text in texts]
    names = [axis.name for axis in axes]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise ParameterError(f"--grid {twice}: is given twice; write all its values behind one")
    if (count := prod(len(axis.values) for axis in axes)) > LARGEST:
        raise ParameterError(f"--grid: these are {count:,} runs, more than {LARGEST:,}; leave values out")
    return axes


def points(axes: Sequence[Axis]) -> list[dict[str, str]]:
    """Each combination of values by name; the last axis turns fastest."""
    names = [axis.name for axis in axes]
    return [dict(zip(names, values, strict=True)) for values in itertools.product(*(axis.values for axis in axes))]


def arguments(point: Mapping[str, str]) -> list[str]:
    """A point as the script gets it: `--C 0.1`; a value that begins with `-` behind a sign of equality."""
    words: list[str] = []
    for name, value in point.items():
        words += [f"--{name}={value}"] if value.startswith("-") else [f"--{name}", value]
    return words


def _axis(text: str) -> Axis:
    form = _FORM.fullmatch(text.strip())
    values = [value.strip() for value in form.group(2).split(",")] if form else []
    if not form or not all(values):
        raise ParameterError(f"--grid {text!r}: write NAME=VALUE,VALUE with no value left empty, such as C=0.1,1,10")
    if twice := next((value for value in values if values.count(value) > 1), None):
        raise ParameterError(f"--grid {text!r}: {twice} stands there twice; each value makes a run")
    return Axis(form.group(1), tuple(values))
