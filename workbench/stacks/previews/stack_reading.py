"""From Pulumi's plan and the registry to one stack's preview. Reads; decides nothing that policies decide."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from workbench.core import home
from workbench.core.errors import ServiceError, WorkbenchError
from workbench.policies import judge, promotion_file
from workbench.policies import settings as policy_settings
from workbench.policies.containers import containers
from workbench.policies.errors import PolicyError
from workbench.policies.metrics import Measured
from workbench.policies.release_rules import Release, ungated
from workbench.policies.settings import PolicySettings
from workbench.policies.unknown import UNKNOWN
from workbench.stacks.previews import (
    blast_radius,
    comparing,
    pulumi,
    release_facts,
    service_change,
    stack_preview,
    steps,
)
from workbench.stacks.previews.service_change import Pinned, ServiceChange
from workbench.stacks.previews.stack_preview import Drift, StackPreview
from workbench.stacks.previews.steps import Plan, Step

_POLICY = "policy "


def read(stack: str, today: date, *, drift: bool = False) -> StackPreview:
    """One stack's preview; what Pulumi refuses to tell stands in its `errors`."""
    try:
        plan = steps.read(*pulumi.preview(stack))
        found = of_plan(stack, home.project(), plan, today)
        return _with_drift(found) if drift else found
    except (WorkbenchError, PolicyError) as error:
        return StackPreview(stack, errors=(str(error),))


def of_plan(stack: str, project: Path, plan: Plan, today: date) -> StackPreview:
    """Judge and compare what a plan names. Raises PolicyError for policies' keys that can't be used."""
    where = f"Pulumi.{stack}.yaml"
    config = {key: _object(value) for key, value in plan.config.items()}
    settings = policy_settings.parse(f"{where}: {home.project_name()}:", config, today)
    services = _services(stack, project, plan, config.get("services") or {}, settings, today)
    violations = judge.configuration(where, config, settings, today)
    for step in plan.steps:
        if step.after is not None:
            violations += judge.resource(step.kind, step.after, settings, today)
    told = {each.line() for each in [*violations, *(one for each in services for one in each.violations)]}
    errors = tuple(error for error in plan.errors if not _repeats(error, told))
    if errors and plan.broke_off:
        violations += [one for each in services for one in each.violations]
        return StackPreview(stack, violations=tuple(violations), errors=errors, broke_off=True)
    before, after = blast_radius.usage(plan.steps)
    return StackPreview(
        stack,
        plan.steps,
        tuple(services),
        before,
        after,
        tuple(blast_radius.losses(plan.steps)),
        tuple(violations),
        errors=errors,
    )


def _repeats(error: str, told: set[str]) -> bool:
    """Whether the program's error is one that we tell better ourselves."""
    return error.startswith(_POLICY) and any(line in error for line in told)


def _services(
    stack: str, project: Path, plan: Plan, pins: Mapping[str, Any], settings: PolicySettings, today: date
) -> list[ServiceChange]:
    routes = {str((step.after or step.before or {})["service"]): step for step in plan.steps if _is_route(step)}
    found = []
    for name in sorted(routes.keys() | pins.keys()):
        step = routes.get(name)
        old = _pinned(step.before) if step and step.before else None
        pin = pins.get(name)
        new = _pinned(pin) if isinstance(pin, Mapping) and "manifest" in pin else None
        moves = any(_is_of(each, name) for each in plan.steps if each.op != "same")
        change = _compared(name, old, new, moves=moves)
        if new is not None:
            evidence, unsigned = promotion_file.demanded(project, stack, name, settings)
            known = replace(
                _release(stack, change, settings),
                evidence=evidence,
                unsigned=unsigned,
                promoted_at=(step.before or {}).get("promotedAt") if step else None,
            )
            change = _judged(change, known, today)
        found.append(change)
    return found


def _judged(change: ServiceChange, release: Release, today: date) -> ServiceChange:
    violations = tuple(judge.release(release, today))
    remark = ungated(release) if change.fate != "same" and not violations else None
    return replace(change, violations=violations, remarks=(*change.remarks, *([remark] if remark else [])))


def _compared(name: str, old: Pinned | None, new: Pinned | None, *, moves: bool) -> ServiceChange:
    fate = service_change.fate(old, new, moves=moves)
    if fate in ("same", "gone") or new is None:
        return ServiceChange(name, fate, old, new)
    changes, parameters, remarks = comparing.compare(old.facts if old else None, new.facts)
    problems = tuple(each.facts.problem for each in (old, new) if each and each.facts.problem)
    return ServiceChange(
        name,
        fate,
        old,
        new,
        changes,
        parameters,
        service_change.requirements_of(old, new),
        service_change.schema_of(old, new),
        (*remarks, *problems),
    )


def _release(stack: str, change: ServiceChange, settings: PolicySettings) -> Release:
    new = change.new
    assert new is not None, "a service that ends is not judged"  # noqa: S101 - for mypy
    compared = [metric for metric in change.metrics if metric.low is not None]
    return Release(
        project=home.project_name(),
        stack=stack,
        service=change.service,
        manifest=new.facts.manifest,
        image=new.image,
        policies=settings,
        schema=change.schema,
        metrics=new.facts.metrics,
        serving=_serving(change),
        worse=service_change.worse(compared) if compared else None,
    )


def _serving(change: ServiceChange) -> Mapping[str, Measured] | None:
    """Metrics of what serves and would go: none before a first release, None of what this registry doesn't know."""
    if change.old is None or change.new is None or change.old.facts.manifest == change.new.facts.manifest:
        return {}
    return None if change.old.facts.problem else change.old.facts.metrics


def _with_drift(preview: StackPreview) -> StackPreview:
    try:
        return replace(preview, drift=_drift(preview.stack))
    except WorkbenchError as error:
        return replace(preview, errors=(*preview.errors, str(error)))


def _drift(stack: str) -> tuple[Drift, ...]:
    """What the engines have otherwise. Raises ServiceError where they could not be asked for all of it."""
    plan = steps.read(*pulumi.drift(stack), ran=False)
    if plan.errors:
        raise ServiceError(f"stack {stack}: whether it has drifted is not known: {plan.errors[0]}")
    return stack_preview.drifted(plan.steps)


def _pinned(told: Mapping[str, Any]) -> Pinned:
    image = told.get("image")
    return Pinned(release_facts.read(str(told["manifest"])), None if image in (None, UNKNOWN) else str(image))


def _is_route(step: Step) -> bool:
    inputs = step.after or step.before or {}
    return step.kind.endswith("Route") and "service" in inputs and "manifest" in inputs


def _is_of(step: Step, service: str) -> bool:
    """Whether a step moves a service: its route, or a container that carries its label."""
    told = [each for each in (step.before, step.after) if each is not None]
    if _is_route(step):
        return any(each["service"] == service for each in told)
    return any(one.service == service for each in told for one in containers(step.kind, each))


def _object(value: Any) -> Any:  # noqa: ANN401 - any JSON value
    """Pulumi writes lists and mappings of a configuration as texts."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return json.loads(value)
        except ValueError:
            return value
    return value
