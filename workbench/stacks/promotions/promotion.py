"""One service's promotion: what one stack serves, judged for another, and the evidence of it. Writes nothing."""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from workbench.core import home
from workbench.core.errors import NoStackError, PromotionError
from workbench.policies import envelope, evidence, judge, promotion_file
from workbench.policies import settings as policy_settings
from workbench.policies.errors import PolicyError
from workbench.policies.evidence import Evidence
from workbench.policies.metrics import Measured
from workbench.policies.release_rules import RELEASE_RULES, Release
from workbench.policies.rule import Violation
from workbench.policies.schema_change import SchemaChange
from workbench.policies.settings import PolicySettings
from workbench.stacks.previews import comparing, release_facts, service_change
from workbench.stacks.previews.release_facts import ReleaseFacts
from workbench.stacks.previews.service_change import MetricChange, Pinned
from workbench.stacks.promotions import author, rehearsal
from workbench.stacks.services import service, stack_config

Sign = Callable[[dict[str, Any]], dict[str, Any]]


@dataclass(frozen=True)
class Promotion:
    """`sealed` is the evidence's envelope as it is written; `known` is whether the project holds such evidence already.

    `violations` has those that exceptions let pass, too.
    """

    evidence: Evidence
    sealed: dict[str, Any]
    known: bool
    metrics: tuple[MetricChange, ...]
    schema: SchemaChange | None
    violations: tuple[Violation, ...]

    @property
    def refused(self) -> list[Violation]:
        """Why it may not be."""
        return judge.refusing(self.violations)

    @property
    def file(self) -> Path:
        """Where its evidence lies."""
        return promotion_file.path(home.project(), self.evidence.target, self.evidence.service)


def prepare(name: str, source: str, target: str, sign: Sign) -> Promotion:
    """Judge what `source` serves for `target`. Raises WorkbenchError for what is away and keys that can't be used."""
    if source == target:
        raise PromotionError(f"promote from {source} to {target}: that is one stack; name another with --to")
    where = f"Pulumi.{target}.yaml: {home.project_name()}:"
    try:
        today = datetime.now(UTC).date()
        settings = policy_settings.parse(where, stack_config.read(target), today)
        serving = service.find(source, name)
        there = _served(target, name)
        old, new = _facts(there), release_facts.read(serving.text("manifest"))
        metrics, _, _ = comparing.compare(old, new)
        pinned = Pinned(new, serving.text("image"))
        schema = service_change.schema_of(Pinned(old, None) if old else None, pinned)
        told = _evidence(name, serving, target)
        promoted_at = there.state.get("promotedAt") if there else None
        known = _known(told, settings, promoted_at)
        release = replace(_release(told, pinned, old, metrics, schema, settings), promoted_at=promoted_at)
        violations = judge.release(release, today)
        if known or judge.refusing(violations):
            return Promotion(told, {}, known, metrics, schema, tuple(violations))
        told = _with_results(told, metrics, violations, rehearsal.rehearse(serving))
        sealed, unsigned = _sealed(told, settings, sign)
        violations = judge.release(replace(release, unsigned=unsigned), today)
    except PolicyError as error:
        raise PromotionError(str(error)) from error
    return Promotion(told, sealed, known, metrics, schema, tuple(violations))


def _served(stack: str, name: str) -> service.Service | None:
    """What the target serves now; None of a service, or a stack, that is not up yet.

    Raises ServiceError where that can't be told: then nobody knows what the new one is to be compared with.
    """
    try:
        return service.find_all(stack).get(name)
    except NoStackError:
        return None


def _facts(served: service.Service | None) -> ReleaseFacts | None:
    return release_facts.read(served.text("manifest")) if served else None


def _evidence(name: str, serving: service.Service, target: str) -> Evidence:
    image = serving.text("image")
    return Evidence(
        project=home.project_name(),
        service=name,
        source=serving.stack,
        target=target,
        digest=image.rpartition("@")[2],
        image=image,
        manifest=serving.text("manifest"),
        by=author.name(),
        at=datetime.now(UTC).isoformat(timespec="seconds"),
        passed={},
    )


def _known(told: Evidence, settings: PolicySettings, promoted_at: str | None) -> bool:
    """Whether the project holds evidence of just this, signed where the stack demands it, and not of before."""
    try:
        found, unsigned = promotion_file.read(home.project(), told.target, told.service, settings)
    except PolicyError:
        return False
    if found is None or unsigned is not None or (promoted_at and evidence.is_older(found.at, promoted_at)):
        return False
    same = ("project", "service", "source", "target", "digest", "image", "manifest")
    return all(getattr(found, key) == getattr(told, key) for key in same)


def _release(
    told: Evidence,
    new: Pinned,
    old: ReleaseFacts | None,
    metrics: tuple[MetricChange, ...],
    schema: SchemaChange | None,
    settings: PolicySettings,
) -> Release:
    compared = [metric for metric in metrics if metric.low is not None]
    return Release(
        project=told.project,
        stack=told.target,
        service=told.service,
        manifest=told.manifest,
        image=new.image,
        policies=settings,
        evidence=told,
        schema=schema,
        metrics=new.facts.metrics,
        serving=_serving(old, told.manifest),
        worse=service_change.worse(compared) if compared else None,
    )


def _serving(old: ReleaseFacts | None, manifest: str) -> Mapping[str, Measured] | None:
    """Metrics of what the target serves and would go; None of what this registry doesn't know."""
    if old is None or old.manifest == manifest:
        return {}
    return None if old.problem else old.metrics


def _with_results(
    told: Evidence, metrics: tuple[MetricChange, ...], violations: list[Violation], tests: dict[str, Any]
) -> Evidence:
    excepted = {violation.rule: f"excepted: {violation.excepted}" for violation in violations}
    return replace(
        told,
        passed={
            "models": list(release_facts.read(told.manifest).models),
            "metrics": {metric.name: {k: v for k, v in asdict(metric).items() if v is not None} for metric in metrics},
            "policies": {rule.name: excepted.get(rule.name, "passed") for rule in RELEASE_RULES},
            "tests": tests,
            "commit": author.commit(),
        },
    )


def _sealed(told: Evidence, settings: PolicySettings, sign: Sign) -> tuple[dict[str, Any], str | None]:
    """The envelope, and why the target would not believe it."""
    sealed = sign(told.statement())
    if settings.promotion_key is None:
        return sealed, None
    key = promotion_file.key(home.project(), settings.promotion_key)
    try:
        envelope.opened("the evidence", sealed, key)
    except PolicyError as error:
        return sealed, f"has evidence that {told.target} would not believe: {error}"
    return sealed, None


def text(sealed: dict[str, Any]) -> bytes:
    """The file's content."""
    return (json.dumps(sealed, indent=2, sort_keys=True) + "\n").encode()


def opened(sealed: dict[str, Any]) -> Evidence:
    """The evidence in an envelope."""
    return evidence.read("the evidence", envelope.opened("the evidence", sealed))
