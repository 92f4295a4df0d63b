"""All rules over what a stack declares and pins, with the exceptions that the stack's file makes. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date
from typing import Any, Final

from workbench.policies import containers, secrets
from workbench.policies.container import Escapes
from workbench.policies.container_rules import CONTAINER_RULES, Judged
from workbench.policies.isolation_rules import ISOLATION_RULES
from workbench.policies.release_rules import RELEASE_RULES, Release
from workbench.policies.rule import Rule, Violation
from workbench.policies.settings import PolicySettings

KNOWN_KINDS: Final[Rule[None]] = Rule(
    "known-kinds",
    "What can't be read can't be judged.",
    "declare it as one of these, or except this rule for its kind",
    lambda _: None,
)
READABLE: Final[Rule[None]] = Rule(
    "readable",
    "What can't be read can't be judged.",
    "give each field the type that the provider's documentation says",
    lambda _: None,
)
_SHOWN = 4
_PLAIN = next(rule for rule in CONTAINER_RULES if rule.name == "no-plain-secrets")


def resource(kind: str, inputs: Mapping[str, Any], settings: PolicySettings, today: date) -> list[Violation]:
    """What is wrong with one resource, by its inputs as the engine spells them."""
    found = _of_resource(kind, inputs, settings) if containers.is_judged(kind) else ()
    return _excepted((replace(each, kind=kind) for each in found), settings, today)


def _of_resource(kind: str, inputs: Mapping[str, Any], settings: PolicySettings) -> Iterator[Violation]:
    if not containers.is_readable(kind, inputs):
        known = f"known are {containers.READ}, and what runs nothing"
        problem = f"may run anything{_called(inputs)}; {known}"
        yield _violation(KNOWN_KINDS, None, f"resource {_name(inputs)} of type {kind}", problem)
        return
    if fields := containers.unreadable(kind, inputs):
        more = f" and {len(fields) - _SHOWN} more" if len(fields) > _SHOWN else ""
        problem = f"can't be judged: {', '.join(fields[:_SHOWN])}{more}"
        yield _violation(READABLE, None, f"resource {_name(inputs)} of type {kind}", problem)
    for declared in containers.containers(kind, inputs):
        each = replace(declared, escapes=declared.escapes.without_port(settings.gateway))
        for rule in CONTAINER_RULES:
            if found := rule.broken(Judged(each, settings.registries)):
                yield _violation(rule, each.service, f"container {each.name}", found)
    escapes = Escapes(host_paths=containers.host_paths(kind, inputs))
    for of_volume in ISOLATION_RULES:
        if found := of_volume.broken(escapes):
            yield _violation(of_volume, None, f"volume {_name(inputs)}", found)


def _violation(rule: Rule[Any], service: str | None, where: str, problem: str) -> Violation:
    return Violation(rule.name, service, _shown(where), _shown(problem), rule.reason, rule.remedy)


def _called(inputs: Mapping[str, Any]) -> str:
    """What the object says that it is, where it says so."""
    told = [f"{key} {str(inputs[key])!a:.60}" for key in ("apiVersion", "kind") if inputs.get(key) is not None]
    return f" (it says {', '.join(told)})" if told else ""


def _shown(text: str) -> str:
    """One line of it, whatever is in it."""
    return "".join(letter if letter.isprintable() else ascii(letter)[1:-1] for letter in text)


def _name(inputs: Mapping[str, Any]) -> str:
    metadata = inputs.get("metadata")
    named = inputs.get("name") or (metadata.get("name") if isinstance(metadata, Mapping) else None)
    return str(named or "without a name")


def release(pinned: Release, today: date) -> list[Violation]:
    """What is wrong with what a service is pinned to."""
    return _excepted(
        (
            _violation(rule, pinned.service, f"service {pinned.service}", problem)
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
            _violation(_PLAIN, None, where, f"has what looks like a secret in plain text: {path}")
            for path in secrets.found(config)
        ),
        settings,
        today,
    )


def refusing(violations: Iterable[Violation]) -> list[Violation]:
    """Those that no exception lets pass."""
    return [violation for violation in violations if not violation.excepted]


def _excepted(violations: Iterable[Violation], settings: PolicySettings, today: date) -> list[Violation]:
    return [_by_name(violation, settings, today) for violation in violations]


def _by_name(violation: Violation, settings: PolicySettings, today: date) -> Violation:
    for exception in settings.exceptions:
        if exception.covers(violation.rule, violation.service, violation.kind):
            if today <= exception.until:
                return replace(violation, excepted=f"{exception.reason} (until {exception.until})")
            violation = replace(violation, expired=exception.until.isoformat())
    return violation
