"""What differs between runs: parameters, and metrics with intervals over customers. Reads no files, draws nothing.

The first run is what the others are measured against. Runs that answered the same rows are compared on the same
resamples of customers, so that what is hard for all of them cancels out; others on resamples of their own.
"""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from workbench.experiments.history import evaluate
from workbench.experiments.history.evaluation import Evaluation, Floats
from workbench.experiments.runs import run_facts
from workbench.experiments.runs.run_facts import Record
from workbench.policies.metrics import Measured, bounds, verdict

Way = Literal["paired", "unpaired", "from the runs' own intervals", "no interval"]
REPLICATES = 1000
# Not what a model is worth: how far two computations of it are apart.
_CHECKS = frozenset({"onnx_largest_difference"})


@dataclass(frozen=True)
class Candidate:
    """A run as it is compared: its record, and its answers on the test part if it kept them."""

    record: Record
    evaluation: Evaluation | None = None

    @property
    def id(self) -> str:
        """The run's id."""
        return str(self.record["id"])


@dataclass(frozen=True)
class Difference:
    """How far a metric of `run` is from that of the first run; `low` and `high` bound the difference at 95 %."""

    metric: str
    run: str
    first: float
    value: float
    difference: float
    low: float | None
    high: float | None
    way: Way
    verdict: str


@dataclass(frozen=True)
class Comparison:
    """`parameters` that differ: by name, then by run (None where a run has none)."""

    runs: list[str]
    parameters: dict[str, dict[str, Any]]
    differences: list[Difference]
    remarks: list[str]

    def document(self) -> dict[str, Any]:
        """For programs."""
        return {"first": self.runs[0], "level": evaluate.LEVEL, **asdict(self)}


def compare(tested: Sequence[Candidate], replicates: int = REPLICATES, seed: int = 0) -> Comparison:
    """Compare the first of `tested` with each other one. The same arguments give the same answer."""
    first, *others = tested
    draws = [_draws(each, replicates, seed + place) for place, each in enumerate(tested)]
    differences: list[Difference] = []
    remarks: list[str] = []
    for other, own in zip(others, draws[1:], strict=True):
        reference = draws[0]
        if paired := _same_rows(first, other):
            own = _draws(other, replicates, seed)  # noqa: PLW2901 - the first run's resamples
        found = _differences(first, other, reference, own, "paired" if paired else "unpaired")
        differences += found
        if remark := _remark(first, other, found):
            remarks.append(remark)
    return Comparison([each.id for each in tested], _parameters(tested), differences, remarks)


def _draws(tested: Candidate, replicates: int, seed: int) -> Mapping[str, Floats]:
    """By metric, the value and then that of each resample; empty for a run that kept no answers."""
    if not (kept := tested.evaluation):
        return {}
    name = next(iter(kept.probability))
    chosen = {name: kept.probability[name]}
    return evaluate.draws(kept.label, kept.customer, chosen, replicates=replicates, seed=seed)[name]


def _same_rows(first: Candidate, other: Candidate) -> bool:
    """Whether both answered the same rows of the same data."""
    one, two = first.evaluation, other.evaluation
    return one is not None and two is not None and one.part == two.part and _data(first) == _data(other)


def _data(candidate: Candidate) -> list[str]:
    """The digests of a run's data, wherever its files lay."""
    known = (candidate.record.get("inputs") or {}).get("data") or []
    return sorted(known.values()) if isinstance(known, Mapping) else [str(known)]


def _differences(
    first: Candidate, other: Candidate, reference: Mapping[str, Floats], own: Mapping[str, Floats], way: Way
) -> list[Difference]:
    told = run_facts.metrics(first.record), run_facts.metrics(other.record)
    names = [name for name in told[0] if name in told[1] and name not in _CHECKS]
    return [
        _from_draws(name, other.id, reference[name], own[name], way)
        if name in reference and name in own
        else _from_values(name, other.id, told[0][name], told[1][name])
        for name in names
    ]


def _from_draws(metric: str, run: str, reference: Floats, own: Floats, way: Way) -> Difference:
    found = evaluate.summary(own - reference)
    told = verdict(metric, found["low"], found["high"])
    values = float(reference[0]), float(own[0]), found["value"]
    return Difference(metric, run, *values, found["low"], found["high"], way, told)


def _from_values(metric: str, run: str, first: Measured, own: Measured) -> Difference:
    difference = own.value - first.value
    if (between := bounds(first, own)) is None:
        return Difference(metric, run, first.value, own.value, difference, None, None, "no interval", "can't tell")
    told = verdict(metric, *between)
    return Difference(metric, run, first.value, own.value, difference, *between, "from the runs' own intervals", told)


def _remark(first: Candidate, other: Candidate, found: Sequence[Difference]) -> str:
    ways = {each.way for each in found}
    if not found:
        return f"{other.id} has no metric in common with {first.id}"
    if ways == {"no interval"}:
        return f"{first.id} and {other.id} kept no answers of their test rows, so that no interval is known"
    if "unpaired" in ways:
        return (
            f"{other.id} was tested on other rows than {first.id}: the intervals are wider, and a difference may be"
            " one of the rows; train with the same data, seed and test_share to compare on the same rows"
        )
    if "from the runs' own intervals" in ways:
        return f"{first.id} or {other.id} kept no answers of its test rows: the intervals are made of the runs' own"
    return ""


def _parameters(tested: Sequence[Candidate]) -> dict[str, dict[str, Any]]:
    known = {each.id: run_facts.parameters(each.record) for each in tested}
    names = list(dict.fromkeys(name for values in known.values() for name in values))
    table = {name: {run: values.get(name) for run, values in known.items()} for name in names}
    return {name: row for name, row in table.items() if len({repr(value) for value in row.values()}) > 1}
