"""What a renamed stack has: told by its state, not by its present name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.stacks.services import service

ROUTE = {"type": "x:infra:GatewayRoute", "outputs": {"service": "churnpred"}}
KEYS = {"type": "x:infra:ServiceKeys", "outputs": {"stack": "first", "service": "churnpred"}}
GROUP = {"type": "churn:infra:ResourceGroup", "outputs": {"boundary": "churn-first"}}


@pytest.fixture
def export(exported: Path) -> Callable[..., None]:
    """Have pulumi export these resources."""

    def write(*resources: dict[str, object]) -> None:
        exported.write_text(json.dumps({"deployment": {"resources": resources}}))

    return write


def test_keys_and_names_of_a_renamed_stack_are_those_that_it_was_made_with(
    export: Callable[..., None], home: Path
) -> None:
    export(ROUTE, KEYS, GROUP)
    assert service.find("staging", "churnpred").keys_folder == home / "keys" / "churn" / "first" / "churnpred"
    assert service.prefix("staging") == "churn-first"


def test_a_state_that_does_not_tell_leaves_the_present_name(export: Callable[..., None], home: Path) -> None:
    export(ROUTE)
    assert service.find("staging", "churnpred").keys_folder == home / "keys" / "churn" / "staging" / "churnpred"
    assert service.prefix("staging") == "churn-staging"
