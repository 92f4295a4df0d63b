from datetime import date
from typing import Any

import pytest

from workbench.policies import settings
from workbench.policies.errors import PolicyError
from workbench.policies.settings import Gate, PolicyException

TODAY = date(2026, 11, 28)
EXCEPTED = {"policyExceptions": {"limits": {"until": "2026-12-31", "reason": "x"}}}


def test_a_stack_that_says_nothing_has_no_exceptions_and_a_gate_for_its_models() -> None:
    found = settings.parse("here:", {}, TODAY)

    assert found.gates == {"roc_auc": Gate(not_worse=True, demanded=False)}
    assert found.exceptions == ()
    assert found.promoted_from is None


def test_all_keys_are_read() -> None:
    found = settings.parse(
        "here:",
        {
            "gates": {"roc_auc": {"atLeast": 0.75}, "brier": {"atMost": 0.1, "notWorse": False}},
            "policyExceptions": {"metric-gate": {"until": "2026-12-31 00:00:00 +0000 UTC", "reason": "known"}},
            "registries": ["registry.example.com"],
            "promotedFrom": "staging",
            "promotionKey": "promotions/key.pub",
        },
        TODAY,
    )

    assert found.gates == {"roc_auc": Gate(0.75), "brier": Gate(None, 0.1, not_worse=False)}
    assert found.exceptions == (PolicyException("metric-gate", date(2026, 12, 31), "known"),)
    assert (found.registries, found.promoted_from) == (("registry.example.com",), "staging")


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ({"gates": []}, "here:gates is []"),
        ({"gates": {"roc_auc": {"atleast": 1}}}, "here:gates.roc_auc.atleast is not known; did you mean atLeast?"),
        ({"gates": {"roc_auc": {"atLeast": "high"}}}, "here:gates.roc_auc.atLeast is 'high'; it must be a number"),
        ({"policyExceptions": {"nonroot": {}}}, "here:policyExceptions.nonroot is no rule; did you mean non-root?"),
        ({"policyExceptions": {"limits": {"until": "soon", "reason": "x"}}}, "limits.until is 'soon'"),
        ({"policyExceptions": {"limits": {"until": "2026-12-31"}}}, "limits.reason is missing"),
        ({"gates": {"roc_auc": {"atLeast": float("nan")}}}, "here:gates.roc_auc.atLeast is nan; it must be a number"),
        ({"longestException": 0}, "here:longestException is 0; it must be a number of days from 1 to 1830"),
        ({"longestException": "9" * 9, **EXCEPTED}, "here:longestException is '999999999'; it must be"),
        ({"longestException": True, **EXCEPTED}, "here:longestException is True; it must be"),
        ({"policyExceptions": {"limits": {"until": "2026-12-31", "reason": "x", "kind": 3}}}, "limits.kind is 3"),
        ({"policyExceptions": {"limits": ["soon"]}}, "here:policyExceptions.limits is 'soon'"),
        ({"registries": "reg.example.com"}, "here:registries is 'reg.example.com'; it is a list"),
        ({"promotedFrom": ""}, "here:promotedFrom is ''; it must be a stack's name"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_with_its_value(config: dict[str, Any], told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        settings.parse("here:", config, TODAY)

    assert told in str(caught.value)


@pytest.mark.parametrize("mark", ["\n", "\r", "\u2028", "\u202e", "\u2066", "\u200f", "\x1b", "\x00"])
@pytest.mark.parametrize("key", ["reason", "service", "kind"])
def test_a_text_of_an_exception_with_a_line_end_or_a_mark_of_direction_is_refused(key: str, mark: str) -> None:
    told = {"until": "2026-12-31", "reason": "known", key: f"known{mark}since May"}

    with pytest.raises(PolicyError) as caught:
        settings.parse("here:", {"policyExceptions": {"limits": told}}, TODAY)

    assert f"limits.{key} is 'known" in str(caught.value)
    assert str(caught.value).isprintable()


def test_a_reason_may_have_letters_of_any_script() -> None:
    told = {"until": "2026-12-31", "reason": "bekannt: größer als früher, 已知"}

    assert settings.parse("here:", {"policyExceptions": {"limits": told}}, TODAY).exceptions


def until(day: str, **config: Any) -> tuple[PolicyException, ...]:
    exceptions = {"policyExceptions": {"limits": {"until": day, "reason": "x"}}}
    return settings.parse("here:", {**exceptions, **config}, TODAY).exceptions


@pytest.mark.parametrize("day", ["2027-11-30", "2999-12-31", "9999-12-31"])
def test_an_exception_that_ends_in_more_than_a_year_is_refused_with_the_last_day_that_it_may_have(day: str) -> None:
    assert until("2027-11-29")
    with pytest.raises(PolicyError, match=f"limits.until is {day}; today an exception may last until 2027-11-29"):
        until(day)


@pytest.mark.parametrize(
    ("longest", "last", "after"), [(30, "2026-12-28", "2026-12-29"), ("1830", "2031-12-02", "2031-12-03")]
)
def test_a_stack_says_how_long_an_exception_may_be(longest: object, last: str, after: str) -> None:
    assert until(last, longestException=longest)
    with pytest.raises(PolicyError, match=f"may last until {last}"):
        until(after, longestException=longest)


def test_a_rule_may_have_several_exceptions_each_for_its_own_service_or_kind() -> None:
    told = [{"until": "2026-12-31", "reason": "x", "service": "a"}, {"until": "2026-12-30", "reason": "y", "kind": "k"}]

    found = settings.parse("here:", {"policyExceptions": {"limits": told}}, TODAY).exceptions

    assert found == (
        PolicyException("limits", date(2026, 12, 31), "x", "a"),
        PolicyException("limits", date(2026, 12, 30), "y", None, "k"),
    )
