"""All rules over what a stack declares and pins, with the exceptions that the stack's file makes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date
from typing import Any

from policies import secrets
from policies.container_rules import CONTAINER_RULES, Judged
from policies.containers import containers
from policies.release_rules import RELEASE_RULES, Release
from policies.rule import Violation
from policies.settings import PolicySettings

_PLAIN = next(rule for rule in CONTAINER_RULES if rule.name == "no-plain-secrets")


def resource(kind: str, inputs: Mapping[str, Any], settings: PolicySettings, today: date) -> list[Violation]:
    """What is wrong with one resource, by its inputs as the engine spells them."""
    return _excepted(
        (
            Violation(rule.name, each.service, f"container {each.name}", problem, rule.reason, rule.remedy)
            for each in containers(kind, inputs)
            for rule in CONTAINER_RULES
            if (problem := rule.broken(Judged(each, settings.registries)))
        ),
        settings,
        today,
    )


def release(pinned: Release, today: date) -> list[Violation]:
    """What is wrong with what a service is pinned to."""
    return _excepted(
        (
            Violation(rule.name, pinned.service, f"service {pinned.service}", problem, rule.reason, rule.remedy)
            for rule in RELEASE_RULES
            if (problem := rule.broken(pinned))
        ),
        pinned.policies,
        today,
    )


def configuration(where: str, config: Mapping[str, Any], settings: PolicySettings, today: date) -> list[Violation]:
    """What of a stack's configuration is a secret in plain text. `where` names the file."""
    return _excepted(
        (
            Violation(
                _PLAIN.name,
                None,
                where,
                f"has what looks like a secret in plain text: {path}",
                _PLAIN.reason,
                _PLAIN.remedy,
            )
            for path in secrets.found(config)
        ),
        settings,
        today,
    )


def refusing(violations: Iterable[Violation]) -> list[Violation]:
    """Those that no exception lets pass."""
    return [each for each in violations if not each.excepted]


def _excepted(violations: Iterable[Violation], settings: PolicySettings, today: date) -> list[Violation]:
    return [_by_name(each, settings, today) for each in violations]


def _by_name(violation: Violation, settings: PolicySettings, today: date) -> Violation:
    for each in settings.exceptions:
        if each.rule == violation.rule and each.service in (None, violation.service):
            if today <= each.until:
                return replace(violation, excepted=f"{each.reason} (until {each.until})")
            violation = replace(violation, expired=each.until.isoformat())
    return violation
