"""A state of an earlier version names the present modules after an upgrade, and nothing else of it changes."""

import copy
from typing import Any

import pytest
from pulumi.dynamic.dynamic import serialize_provider

from workbench.components import upgrade
from workbench.components.service_keys import KeysProvider

KEYS = "pulumi-python:dynamic/infra:ServiceKeys"
OLD = {**upgrade._SECRET, "plaintext": '"gASV"'}


def _state(*resources: dict[str, Any]) -> dict[str, Any]:
    return {"version": 3, "deployment": {"resources": [{"type": "pulumi:pulumi:Stack"}, *resources]}}


def test_dynamic_resources_get_the_present_provider_and_keep_the_rest() -> None:
    resource = {"type": KEYS, "inputs": {"a": 1, "__provider": OLD}, "outputs": {"primary": "k", "__provider": OLD}}
    other = {"type": "docker:index:Container", "inputs": {"__provider": "theirs"}}
    state = _state(resource, copy.deepcopy(other))

    assert upgrade.upgraded(state) == 1
    found = state["deployment"]["resources"]
    wanted = found[1]["inputs"].pop("__provider")
    assert serialize_provider(KeysProvider()) in wanted["plaintext"]
    assert found[1]["outputs"].pop("__provider") == wanted
    assert found[1:] == [{"type": KEYS, "inputs": {"a": 1}, "outputs": {"primary": "k"}}, other]


@pytest.mark.parametrize("state", [_state(), {"version": 3, "deployment": {}}])
def test_a_state_without_dynamic_resources_stays_as_it_is(state: dict[str, Any]) -> None:
    before = copy.deepcopy(state)
    assert upgrade.upgraded(state) == 0
    assert state == before


def test_an_upgrade_changes_nothing_the_second_time() -> None:
    state = _state({"type": KEYS, "inputs": {"__provider": OLD}})
    assert (upgrade.upgraded(state), upgrade.upgraded(state)) == (1, 0)
