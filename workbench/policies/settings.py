"""What a stack's file says of policies, typed: gates, exceptions, registries, promotions. Pure; reads no file.

churn:gates: {roc_auc: {atLeast: 0.75, notWorse: true}}
churn:policyExceptions: {metric-gate: {until: 2026-12-31, reason: the old one was wrong, service: churnpred}}
churn:longestException: 366
churn:registries: [registry.example.com]
churn:promotedFrom: staging
churn:promotionKey: promotions/key.pub
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final

from workbench.policies.errors import PolicyError

GATES, EXCEPTIONS, REGISTRIES, LONGEST = "gates", "policyExceptions", "registries", "longestException"
PROMOTED_FROM, PROMOTION_KEY = "promotedFrom", "promotionKey"
KEYS: Final = (GATES, EXCEPTIONS, REGISTRIES, LONGEST, PROMOTED_FROM, PROMOTION_KEY)
GATEWAY: Final = ("gatewayAddress", "gatewayPort")  # of the stack itself: the one port of its host that it may open
OBJECTS: Final = (GATES, EXCEPTIONS, REGISTRIES)
RULES: Final = (
    "digest-only",
    "non-root",
    "read-only",
    "limits",
    "no-plain-secrets",
    "known-registries",
    "no-privileged",
    "no-escalation",
    "no-capabilities",
    "no-host-mounts",
    "no-engine-socket",
    "no-host-namespaces",
    "no-host-ports",
    "no-devices",
    "confined",
    "no-sysctls",
    "known-kinds",
    "readable",
    "promoted",
    "newest-promotion",
    "signed",
    "metric-gate",
    "schema-kept",
)
_GATE_KEYS: Final = ("atLeast", "atMost", "notWorse")
_EXCEPTION_KEYS: Final = ("until", "reason", "service", "kind")
_LONGEST_DAYS: Final = 366
_LONGEST_OF_ALL: Final = 1830
_DAY: Final = len("2026-12-31")


@dataclass(frozen=True)
class Gate:
    """What a metric must be: bounds for the worse end of its interval, and not worse than what serves.

    Not `demanded`, it may be missing where what serves has none either.
    """

    at_least: float | None = None
    at_most: float | None = None
    not_worse: bool = True
    demanded: bool = True


@dataclass(frozen=True)
class PolicyException:
    """A rule that is let pass until the end of a day, for one service or all, for one type of resource or all."""

    rule: str
    until: date
    reason: str
    service: str | None = None
    kind: str | None = None

    def covers(self, rule: str, service: str | None, kind: str) -> bool:
        return self.rule == rule and self.service in (None, service) and self.kind in (None, kind)


@dataclass(frozen=True)
class PolicySettings:
    """Without a word in the stack's file: no metric `roc_auc` may become worse, and no rule has an exception.

    `gateway` is the address and port that the stack's own gateway opens, "" where they are not told.
    """

    gates: Mapping[str, Gate] = field(default_factory=lambda: {"roc_auc": Gate(demanded=False)})
    exceptions: tuple[PolicyException, ...] = ()
    registries: tuple[str, ...] = ()
    promoted_from: str | None = None
    promotion_key: str | None = None
    gateway: str = ""

    @property
    def demands_promotion(self) -> bool:
        """Whether the stack serves only what was promoted to it: by a source that it names, or by a key."""
        return self.promoted_from is not None or self.promotion_key is not None


def parse(where: str, config: Mapping[str, Any], today: date) -> PolicySettings:
    """Of a stack's configuration, keys without the project's name; `where` opens each error. Raises PolicyError."""
    found: dict[str, Any] = {}
    if (gates := config.get(GATES)) is not None:
        of = f"{where}{GATES}"
        found["gates"] = {name: _gate(f"{of}.{name}", each) for name, each in _mapping(of, gates).items()}
    last = today + timedelta(_days(f"{where}{LONGEST}", config.get(LONGEST)))
    if (exceptions := config.get(EXCEPTIONS)) is not None:
        of = f"{where}{EXCEPTIONS}"
        found["exceptions"] = tuple(
            _exception(of, name, each, last)
            for name, told in _mapping(of, exceptions).items()
            for each in (told if isinstance(told, list) else [told])
        )
    if (registries := config.get(REGISTRIES)) is not None:
        if not isinstance(registries, list) or not all(isinstance(registry, str) for registry in registries):
            raise PolicyError(
                f"{where}{REGISTRIES} is {registries!r:.60}; it is a list of hosts such as reg.example.com"
            )
        found["registries"] = tuple(registries)
    for key, name in ((PROMOTED_FROM, "promoted_from"), (PROMOTION_KEY, "promotion_key")):
        if (value := config.get(key)) is not None:
            found[name] = _text(
                f"{where}{key}", value, "a stack's name" if key == PROMOTED_FROM else "a public key's file"
            )
    if all(config.get(key) is not None for key in GATEWAY):
        found["gateway"] = ":".join(str(config[key]) for key in GATEWAY)
    return PolicySettings(**found)


def _gate(where: str, value: object) -> Gate:
    keys = _known(where, _mapping(where, value), _GATE_KEYS)
    for key in ("atLeast", "atMost"):
        if key in keys and not _is_number(keys[key]):
            raise PolicyError(f"{where}.{key} is {keys[key]!r}; it must be a number")
    if not isinstance(keys.get("notWorse", True), bool):
        raise PolicyError(f"{where}.notWorse is {keys['notWorse']!r}; it must be true or false")
    return Gate(keys.get("atLeast"), keys.get("atMost"), keys.get("notWorse", True))


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def _days(where: str, value: object) -> int:
    """How long an exception may be from today on."""
    text = str(_LONGEST_DAYS if value is None else value)
    if not text.isascii() or not text.isdecimal() or not 1 <= int(text[:6]) <= _LONGEST_OF_ALL:
        raise PolicyError(f"{where} is {value!r:.40}; it must be a number of days from 1 to {_LONGEST_OF_ALL}")
    return int(text)


def _exception(where: str, rule: str, value: object, last: date) -> PolicyException:
    if rule not in RULES:
        near = difflib.get_close_matches(rule, RULES, n=1)
        meant = f"did you mean {near[0]}?" if near else f"rules are {', '.join(RULES)}"
        raise PolicyError(f"{where}.{rule} is no rule; {meant}")
    of = f"{where}.{rule}"
    keys = _known(of, _mapping(of, value), _EXCEPTION_KEYS)
    try:
        until = date.fromisoformat(str(keys.get("until", ""))[:_DAY])
    except ValueError as error:
        raise PolicyError(f"{of}.until is {keys.get('until')!r}; it must be a day such as 2026-12-31") from error
    if until > last:
        raise PolicyError(
            f"{of}.until is {until}; today an exception may last until {last} at the longest ({LONGEST} says how many "
            "days that are): choose a day before, and look at it again then"
        )
    reason = _line(f"{of}.reason", keys.get("reason"), "the reason, for who reads it later")
    named = {
        key: _line(f"{of}.{key}", keys[key], form)
        for key, form in (("service", "a service's name"), ("kind", "a type of resource, as Pulumi spells it"))
        if keys.get(key) is not None
    }
    return PolicyException(rule, until, reason, **named)


def _known(where: str, keys: Mapping[str, Any], allowed: Collection[str]) -> Mapping[str, Any]:
    if unknown := sorted(keys.keys() - set(allowed)):
        near = difflib.get_close_matches(unknown[0], allowed, n=1)
        meant = f"did you mean {near[0]}?" if near else f"it can have {', '.join(allowed)}"
        raise PolicyError(f"{where}.{unknown[0]} is not known; {meant}")
    return keys


def _mapping(where: str, value: object) -> Mapping[str, Any]:
    if not isinstance(value, Mapping):
        raise PolicyError(f"{where} is {value!r:.60}; it holds keys and their values")
    return value


def _line(where: str, value: object, form: str) -> str:
    """A text that shows as it is: line ends and marks of writing direction could make a preview say something else."""
    text = _text(where, value, form)
    if not text.isprintable():
        raise PolicyError(f"{where} is {text!a:.60}; it must be one line of printable characters")
    return text


def _text(where: str, value: object, form: str) -> str:
    if not isinstance(value, str) or not value.strip():
        raise PolicyError(f"{where} is {'missing' if value is None else repr(value)[:60]}; it must be {form}")
    return value
