from datetime import date
from typing import Any

import pytest

from policies import settings
from policies.errors import PolicyError
from policies.settings import Gate, PolicyException


def test_a_stack_that_says_nothing_has_no_exceptions_and_a_gate_for_its_models() -> None:
    found = settings.parse("here:", {})

    assert found.gates == {"roc_auc": Gate(not_worse=True)}
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
        ({"registries": "reg.example.com"}, "here:registries is 'reg.example.com'; it is a list"),
        ({"promotedFrom": ""}, "here:promotedFrom is ''; it must be a stack's name"),
    ],
)
def test_a_key_that_cannot_be_used_is_told_with_its_value(config: dict[str, Any], told: str) -> None:
    with pytest.raises(PolicyError) as caught:
        settings.parse("here:", config)

    assert told in str(caught.value)
