"""A service's keys: each is turned alone, by its number."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest

from workbench.components.service_keys import KeysProvider

FIRST = {"primary": 1, "secondary": 1}


def _props(**generations: int) -> dict[str, Any]:
    return {"stack": "staging", "service": "churnpred", "generations": {**FIRST, **generations}}


@pytest.fixture
def olds() -> dict[str, Any]:
    """The state of keys that were just made."""
    made: dict[str, Any] = KeysProvider().create(_props()).outs or {}
    return made


def test_another_number_makes_that_key_anew_and_the_other_stays(olds: dict[str, Any]) -> None:
    news = _props(secondary=2)
    assert KeysProvider().diff("id", olds, news).changes
    outs = KeysProvider().update("id", olds, news).outs or {}
    assert outs["primary"] == olds["primary"]
    assert outs["secondary"] != olds["secondary"]
    assert outs["digests"]["secondary"] == hashlib.sha256(outs["secondary"].encode()).hexdigest()
    assert outs["digests"]["primary"] == olds["digests"]["primary"]


def test_the_same_numbers_change_nothing_also_in_a_state_from_before_there_were_any(olds: dict[str, Any]) -> None:
    assert not KeysProvider().diff("id", olds, _props()).changes
    del olds["generations"]
    assert not KeysProvider().diff("id", olds, _props()).changes
    assert KeysProvider().diff("id", olds, _props(primary=2)).changes


def test_keys_of_another_service_are_others(olds: dict[str, Any]) -> None:
    assert KeysProvider().diff("id", olds, {**_props(), "service": "other"}).replaces == ["service"]
