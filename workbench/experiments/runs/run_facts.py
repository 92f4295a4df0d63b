"""A run's record as flat facts: what lists filter and sort by, and what comparisons compare. Reads no files.

Knows records of `workbench train`, whose metrics have intervals, and of scripts, whose metrics are numbers.
"""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from workbench.policies.metrics import Measured, measured
from workbench.policies.metrics import own as own_metrics

Record = Mapping[str, Any]

# What a script's parameters tell by name.
_NO_PARAMETERS = frozenset({"arguments"})
_NOT_FINITE = frozenset({"nan", "inf", "-inf"})  # as `workbench.tracking` tells them
_TOLD = frozenset({"series", "lists", "images", "artifacts"})
_NO_FACTS = frozenset({"inputs", "inputs_digest", "parameters", "metrics", "outputs", "id", "writer"}) | _TOLD


def parameters(record: Record) -> dict[str, Any]:
    """What was put in, by flat names such as `seed`, `max_iter`, `data`, `packages.numpy`, `git.commit`."""
    inputs = dict(record.get("inputs") or {})
    chosen = {**(inputs.pop("parameters", None) or {}), **(record.get("parameters") or {})}
    flat = dict(_flat({**chosen, **inputs, "git": record.get("git")}))
    return {name: value for name, value in flat.items() if name not in _NO_PARAMETERS}


def metrics(record: Record) -> dict[str, Measured]:
    """What came out, by name: of a training the model's own metrics, of a script each number that it told.

    Numbers that JSON has not are numbers too: a loss that became NaN is no loss that is missing.
    """
    told = own_metrics(record.get("metrics") or {})
    return {name: found for name, value in told.items() if (found := _measured(value))}


def number(value: Any) -> float | None:  # noqa: ANN401 - any JSON value
    """A value that a script told, if it is a number; NaN and infinities are told as texts."""
    found = _measured(value)
    return found.value if found else None


def fact(record: Record, name: str) -> Any:  # noqa: ANN401 - any JSON value
    """One thing that a list can be filtered and sorted by, None if the run doesn't have it; `names` tells all."""
    if name in _OWN:
        return _OWN[name](record)
    kind, _, rest = name.partition(".")
    if kind == "metric":
        value = own_metrics(record.get("metrics") or {}).get(rest)
        found = _measured(value)
        return found.value if found else value
    if kind == "param":
        return parameters(record).get(rest)
    return None if kind in _NO_FACTS else _below(record, name)


def names(record: Record) -> list[str]:
    """All that `fact` knows of a run: `status`, `model`, `metric.roc_auc`, `param.seed`, …."""
    own = {name: value for name, value in record.items() if name not in _NO_FACTS}
    found = [*_OWN, *(name for name, _ in _flat(own))]
    found += [f"param.{name}" for name in parameters(record)]
    found += [f"metric.{name}" for name in own_metrics(record.get("metrics") or {})]
    return [name for name in found if fact(record, name) is not None]


def model_label(record: Record) -> str | None:
    """`name:version` of the model that the run gave, None without one."""
    model = record.get("model")
    return f"{model['name']}:{model['version']}" if model else None


def _measured(value: Any) -> Measured | None:  # noqa: ANN401 - any JSON value
    return Measured(float(value)) if isinstance(value, str) and value in _NOT_FINITE else measured(value)


def _below(record: Record, path: str) -> Any:  # noqa: ANN401 - any JSON value
    """The value at a dotted path; a key may hold dots itself."""
    if path in record:
        return None if isinstance(record[path], Mapping) else record[path]
    for end in (place for place, sign in enumerate(path) if sign == "."):
        inner = record.get(path[:end])
        if isinstance(inner, Mapping) and (found := _below(inner, path[end + 1 :])) is not None:
            return found
    return None


def _flat(values: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, Any]]:
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


_OWN: Mapping[str, Callable[[Record], Any]] = {
    "run": lambda record: record["id"],
    "seconds": lambda record: record.get("duration_seconds"),
    "model": model_label,
}
