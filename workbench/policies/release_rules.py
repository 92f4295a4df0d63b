"""The rules for what a stack may serve next: a promoted digest, good enough, and nothing that breaks callers. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, TypeGuard

from workbench.policies.container_rules import is_known, registry_of
from workbench.policies.evidence import Evidence, is_older
from workbench.policies.metrics import Measured, bounds, verdict
from workbench.policies.rule import Rule
from workbench.policies.schema_change import SchemaChange
from workbench.policies.settings import Gate, PolicySettings

_FIELDS = 3


@dataclass(frozen=True, kw_only=True)
class Release:
    """What a service is pinned to, and what is known of it.

    `policies` are those of the stack that is to serve it. `evidence` is what a promotion wrote, `unsigned` why its
    signature can't be believed where the stack demands one, `promoted_at` when what serves now was promoted. `schema`
    and `serving` (metrics) are against what serves now, which is empty before a first release and None where it is not
    known here; `worse` are metrics that a comparison on the same rows found worse.
    """

    project: str
    stack: str
    service: str
    manifest: str
    image: str | None = None
    policies: PolicySettings = field(default_factory=PolicySettings)
    evidence: Evidence | None = None
    unsigned: str | None = None
    promoted_at: str | None = None
    schema: SchemaChange | None = None
    metrics: Mapping[str, Measured] = field(default_factory=dict)
    serving: Mapping[str, Measured] | None = field(default_factory=dict)
    worse: tuple[str, ...] | None = None

    @property
    def promotion_time(self) -> str | None:
        """When this was promoted, where its stack demands that; else None."""
        return self.evidence.at if self.evidence else None


def _promoted(release: Release) -> str | None:
    """Whether signed or not, evidence is of just this: image, manifest, service, stacks and project."""
    if not release.policies.demands_promotion:
        return None
    source = release.policies.promoted_from or "another stack"
    if release.image is None:
        return f"is built here, and this stack only takes what {source} served"
    if release.evidence is None:
        return f"has no evidence of a promotion from {source}"
    return _foreign(release, release.evidence)


def _foreign(release: Release, evidence: Evidence) -> str | None:
    """What the evidence is of, where that is something else."""
    for what, here, there in (
        ("project", release.project, evidence.project),
        ("stack", release.stack, evidence.target),
        ("service", release.service, evidence.service),
        ("image", (release.image or "").rpartition("@")[2], evidence.digest),
        ("manifest", release.manifest, evidence.manifest),
    ):
        if here != there:
            return f"is of {what} {_short(here)}, its evidence is of {_short(there)}"
    source = release.policies.promoted_from
    if evidence.source != source if source else evidence.source == release.stack:
        return f"was promoted from {evidence.source}, not from {source or 'another stack'}"
    return None


def _older(release: Release) -> str | None:
    """Whether the evidence is of a promotion before that of what serves now."""
    if not release.policies.demands_promotion or release.evidence is None or release.promoted_at is None:
        return None
    if is_older(release.evidence.at, release.promoted_at):
        return f"was promoted at {release.evidence.at}, before what serves was ({release.promoted_at})"
    return None


def _short(told: str) -> str:
    return f"{told[:19]}…" if told.startswith("sha256:") else told


def _signed(release: Release) -> str | None:
    return release.unsigned


def _known_registries(release: Release) -> str | None:
    if release.image is None:
        return None
    registry = registry_of(release.image)
    return (
        None
        if is_known(registry, release.policies.registries)
        else f"takes an image of {registry}, which is not known here"
    )


def _metric_gate(release: Release) -> str | None:
    for name, gate in release.policies.gates.items():
        found = release.metrics.get(name)
        problem = _outside(release, name, gate, found) if _can_judge(found) else _missing(release, name, gate)
        if problem:
            return problem
    return None


def ungated(release: Release) -> str | None:
    """What to say of a release that a gate lets pass for want of its metric; None where there is nothing to say."""
    missing = [name for name in release.policies.gates if not _can_judge(release.metrics.get(name))]
    if not missing:
        return None
    return f"no metric {missing[0]}, by which the gate judges where there is one; name what counts in `gates`"


def _can_judge(found: Measured | None) -> TypeGuard[Measured]:
    """NaN is within all bounds, so it is no metric; nor is an infinite one."""
    numbers = (found.value, found.low or 0, found.high or 0) if found else (math.nan,)
    return all(map(math.isfinite, numbers))


def _missing(release: Release, name: str, gate: Gate) -> str | None:
    """Why a metric must be there: the stack asks for it by name, or what serves has it, or may have it."""
    if gate.demanded:
        return f"has no metric {name}, which `gates` of this stack asks for; if it has none, name another there"
    if release.serving is None:
        return f"has no metric {name}, and what serves is not known here to compare with; `gates: {{}}` asks for none"
    if name in release.serving:
        return f"has no metric {name}, which what serves has; `gates` names another metric, or none by {{}}"
    return None


def _outside(release: Release, name: str, gate: Gate, found: Measured) -> str | None:
    low, high = (found.value if bound is None else bound for bound in (found.low, found.high))
    if gate.at_least is not None and low < gate.at_least:
        return f"has {name} {found.value:.4f}, at the worst {low:.4f}; asked for is {gate.at_least:g} or more"
    if gate.at_most is not None and high > gate.at_most:
        return f"has {name} {found.value:.4f}, at the worst {high:.4f}; asked for is {gate.at_most:g} or less"
    if gate.not_worse and _is_worse(release, name, found):
        before = (release.serving or {}).get(name)
        was = f" (it was {before.value:.4f})" if before else ""
        return f"has {name} {found.value:.4f}, which is worse than what serves{was}"
    return None


def _is_worse(release: Release, name: str, found: Measured) -> bool:
    """By the comparison on the same rows where there was one, else by the recorded intervals."""
    if release.worse is not None:
        return name in release.worse
    before = (release.serving or {}).get(name)
    difference = bounds(before, found) if before else None
    return difference is not None and verdict(name, *difference) == "worse"


def _schema_kept(release: Release) -> str | None:
    if release.schema is None or release.schema.verdict != "breaking":
        return None
    broken = release.schema.breaks
    more = f" and {len(broken) - _FIELDS} more" if len(broken) > _FIELDS else ""
    return f"breaks its callers: {'; '.join(each.line() for each in broken[:_FIELDS])}{more}"


RELEASE_RULES: Final = (
    Rule(
        "promoted",
        "What callers depend on was served and tested elsewhere first, as the very same bytes.",
        "run: workbench promote",
        _promoted,
    ),
    Rule(
        "newest-promotion",
        "Old evidence stays valid for ever; who may write to the repository could bring any of it back.",
        "run: workbench promote; to go back at once, except this rule by name until a day",
        _older,
    ),
    Rule(
        "signed",
        "Who may write to the repository is not yet who may promote.",
        "run: workbench promote --key FILE, with the key of this stack's promotionKey",
        _signed,
    ),
    Rule(
        "known-registries",
        "An image from anywhere is code from anyone.",
        "name the registry in `registries` of the stack's file, or copy the image",
        _known_registries,
    ),
    Rule(
        "metric-gate",
        "A worse model is a decision, not an accident.",
        "train another one, or except this rule by name until a day",
        _metric_gate,
    ),
    Rule(
        "schema-kept",
        "Callers of a service can't all change at the same moment.",
        "give the new contract a service name of its own beside the old one",
        _schema_kept,
    ),
)
