"""Names of a stack's things on its engine."""

from __future__ import annotations

import pytest

from workbench.components.naming import Names


@pytest.mark.parametrize(
    ("boundary", "prefix"),
    [
        (None, "churn-prod"),
        ("churn-prod", "churn-prod"),
        ("churn-staging", "churn-staging"),
        ("churn-", "churn-prod"),
        ("other-prod", "churn-prod"),
    ],
)
def test_a_renamed_stack_keeps_the_names_that_it_was_made_with(boundary: str | None, prefix: str) -> None:
    assert Names.made_with("churn", "prod", boundary).prefix == prefix
