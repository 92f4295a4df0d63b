"""One service before and after: its models, how good they are, what callers must know, what it is made of. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.policies import metrics, schema_change
from workbench.policies.metrics import Measured
from workbench.policies.rule import Violation
from workbench.policies.schema_change import SchemaChange
from workbench.stacks.previews import requirement_change
from workbench.stacks.previews.release_facts import ReleaseFacts
from workbench.stacks.previews.requirement_change import RequirementChange

Fate = Literal["new", "changed", "same", "gone"]


@dataclass(frozen=True)
class Pinned:
    """What a service serves or shall serve; `image` is None where it is built by the next `up`."""

    facts: ReleaseFacts
    image: str | None


@dataclass(frozen=True)
class MetricChange:
    """`low` and `high` bound the difference at 95 %, None where it is not known."""

    name: str
    old: Measured | None
    new: Measured | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    verdict: str = ""


@dataclass(frozen=True)
class ServiceChange:
    """`parameters` of the training that differ, old and new by name; `remarks` are what could not be told, and why."""

    service: str
    fate: Fate
    old: Pinned | None
    new: Pinned | None
    metrics: tuple[MetricChange, ...] = ()
    parameters: Mapping[str, tuple[Any, Any]] | None = None
    requirements: tuple[RequirementChange, ...] = ()
    schema: SchemaChange | None = None
    remarks: tuple[str, ...] = ()
    violations: tuple[Violation, ...] = ()

    @property
    def headline(self) -> str:
        """`churn 1 → churn 2`."""
        old, new = (", ".join(each.facts.models) if each else "" for each in (self.old, self.new))
        old, new = (
            text or (f"manifest {each.facts.manifest[7:19]}" if each else "")
            for text, each in ((old, self.old), (new, self.new))
        )
        return {"new": f"new, {new}", "gone": f"ends, {old}", "same": new}.get(
            self.fate, new if old == new else f"{old} → {new}"
        )


def fate(old: Pinned | None, new: Pinned | None, *, moves: bool) -> Fate:
    """`moves` is whether anything of the service is not as it was."""
    if old is None or new is None:
        return "new" if old is None else "gone"
    return "changed" if moves or old.facts.manifest != new.facts.manifest else "same"


def schema_of(old: Pinned | None, new: Pinned | None) -> SchemaChange | None:
    """None where one of them has no schema to compare with."""
    if old is None or new is None or old.facts.schema is None or new.facts.schema is None:
        return None
    return schema_change.compare(old.facts.schema, new.facts.schema)


def requirements_of(old: Pinned | None, new: Pinned | None) -> tuple[RequirementChange, ...]:
    if old is None or new is None or old.facts.problem or new.facts.problem:
        return ()
    return tuple(requirement_change.compare(old.facts.requirements, new.facts.requirements))


def metrics_by_records(old: ReleaseFacts | None, new: ReleaseFacts) -> tuple[MetricChange, ...]:
    """By the intervals that model versions carry; each on its own where there is nothing to compare with."""
    if old is None:
        return tuple(MetricChange(name, None, found) for name, found in new.metrics.items())
    return tuple(_by_records(name, old.metrics.get(name), found) for name, found in new.metrics.items())


def _by_records(name: str, old: Measured | None, new: Measured) -> MetricChange:
    if old is None:
        return MetricChange(name, None, new)
    between = metrics.bounds(old, new)
    if between is None:
        return MetricChange(name, old, new, new.value - old.value, verdict="can't tell")
    return MetricChange(name, old, new, new.value - old.value, *between, metrics.verdict(name, *between))


def worse(changes: Sequence[MetricChange]) -> tuple[str, ...]:
    """Names of metrics that are worse beyond their intervals."""
    return tuple(change.name for change in changes if change.verdict == "worse")
