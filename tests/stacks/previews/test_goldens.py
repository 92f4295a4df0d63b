"""Comments as they are posted. After a wanted change: UPDATE_GOLDENS=1 pytest tests/core/previews; read the diff."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.previews.conftest import ROOT, TODAY
from workbench.stacks.previews import markdown, previewing, stack_reading, steps
from workbench.stacks.previews.stack_preview import StackPreview

GOLDENS = Path(__file__).with_name("goldens")


def first_deploy(plans: Any) -> list[StackPreview]:
    new = plans.manifest("churn 1")
    steps = [
        *plans.ground("create", "staging"),
        plans.step("create", plans_keys(), "churnpred-keys", {"service": "churnpred"}),
        *plans.service("churnpred", "staging", None, new),
    ]
    return [plans.preview("staging", steps, {"churnpred": {"manifest": new}})]


def new_model_version(plans: Any) -> list[StackPreview]:
    old = plans.manifest("churn 1", 0.80, packages="numpy==2.4.5\nonnxruntime==1.32.0\n")
    new = plans.manifest("churn 2", 0.87, packages="numpy==2.4.6\nonnxruntime==1.32.0\norjson==3.11.0\n")
    pins = {"churnpred": {"manifest": new}}
    steps = [*plans.ground("same", "staging"), *plans.service("churnpred", "staging", old, new)]
    return [plans.preview("staging", steps, pins), _unchanged(plans, "prod", old)]


def schema_break(plans: Any) -> list[StackPreview]:
    old, new = plans.manifest("churn 1", 0.87, "age", "calls"), plans.manifest("churn 2", 0.87, "age", "minutes")
    steps = [*plans.ground("same", "staging"), *plans.service("churnpred", "staging", old, new)]
    return [plans.preview("staging", steps, {"churnpred": {"manifest": new}})]


def policy_failure(plans: Any) -> list[StackPreview]:
    old, new = plans.manifest("churn 1", 0.92), plans.manifest("churn 2", 0.80)
    steps = [*plans.ground("same", "prod"), *plans.service("churnpred", "prod", old, new)]
    for each in steps:
        if each["op"] == "create" and "memory" in each["newState"]["inputs"]:
            each["newState"]["inputs"] |= {"user": "root", "memory": None}
    config = {
        "promotedFrom": "staging",
        "gates": {"roc_auc": {"atLeast": 0.75}},
        "policyExceptions": {
            "limits": {"until": "2026-12-31", "reason": "the load test of December"},
            "non-root": {"until": "2026-11-01", "reason": "the old image"},
        },
    }
    return [plans.preview("prod", steps, {"churnpred": {"manifest": new}}, **config)]


def nothing_to_do(plans: Any) -> list[StackPreview]:
    manifest = plans.manifest("churn 1")
    return [_unchanged(plans, "staging", manifest), _unchanged(plans, "prod", manifest)]


def fifty_services_with_three_changes(plans: Any) -> list[StackPreview]:
    old, new = plans.manifest("churn 1", 0.85), plans.manifest("churn 2", 0.86)
    names = [f"region-{number:02}" for number in range(1, 51)]
    moved = {"region-07", "region-21", "region-33"}
    steps = plans.ground("same", "prod")
    for name in names:
        steps += plans.service(name, "prod", old, new if name in moved else old)
    pins = {name: {"manifest": new if name in moved else old} for name in names}
    return [plans.preview("prod", steps, pins)]


def drift(plans: Any) -> list[StackPreview]:
    manifest = plans.manifest("churn 1")
    gone = plans.step("delete", "docker:index/network:Network", "group", {"name": "churn-staging"})
    changed = plans.step("update", plans_container(), "registry", {})
    drifted = plans.drift(gone, {**changed, "diffReasons": ["memory", "restart"]})
    return [
        replace(_unchanged(plans, "staging", manifest), drift=drifted),
        replace(_unchanged(plans, "prod", manifest), drift=()),
    ]


def secret_in_config(plans: Any) -> list[StackPreview]:
    manifest = plans.manifest("churn 1")
    pins = {"churnpred": {"manifest": manifest, "otlpEndpoint": "http://me:hunter2@collector:4318"}}
    old = plans.container("churn-staging-churnpred-1-0", "churnpred")
    new = {**old, "envs": ["OTEL_EXPORTER_OTLP_ENDPOINT=http://me:hunter2@collector:4318", "API_TOKEN=hunter2"]}
    steps = [
        *plans.ground("same", "staging"),
        plans.step("replace", plans_container(), "churnpred-1-0", new, old),
        plans.step("same", plans_route(), "churnpred-route", plans.route("churnpred", manifest)),
    ]
    return [plans.preview("staging", steps, pins, databasePassword="hunter2")]


def data_lost_and_a_service_ends(plans: Any) -> list[StackPreview]:
    manifest = plans.manifest("churn 1")
    steps = [
        plans.step("delete", plans_volume(), "storage-images", {"name": "churn-staging-images"}),
        plans.step("delete", plans_keys(), "churnpred-keys", {"service": "churnpred"}),
        *plans.service("churnpred", "staging", manifest, None),
    ]
    return [plans.preview("staging", steps, {})]


def hostile_names(plans: Any) -> list[StackPreview]:
    nasty = "<img src=x onerror=alert(1)> | **bold** `code` @everyone #1 [a](http://x) --> \n# head"
    new = plans.manifest(nasty, 0.87, nasty)
    steps = plans.service("churnpred", "staging", None, new)
    found = plans.preview("staging", steps, {"churnpred": {"manifest": new}})
    return [replace(found, errors=(nasty,))]


def plans_keys() -> str:
    return "pulumi-python:dynamic/infra:ServiceKeys"


def plans_container() -> str:
    return "docker:index/container:Container"


def plans_route() -> str:
    return "pulumi-python:dynamic/infra:GatewayRoute"


def plans_volume() -> str:
    return "docker:index/volume:Volume"


def _unchanged(plans: Any, stack: str, manifest: str) -> StackPreview:
    steps = [*plans.ground("same", stack), *plans.service("churnpred", stack, manifest, manifest)]
    found: StackPreview = plans.preview(stack, steps, {"churnpred": {"manifest": manifest}})
    return found


SCENES: list[Callable[[Any], list[StackPreview]]] = [
    first_deploy,
    new_model_version,
    schema_break,
    policy_failure,
    nothing_to_do,
    fifty_services_with_three_changes,
    drift,
    secret_in_config,
    data_lost_and_a_service_ends,
    hostile_names,
]


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_a_comment_is_as_it_was_read_in_review(scene: Callable[[Any], list[StackPreview]], plans: Any) -> None:
    told = markdown.render(scene(plans))

    golden = GOLDENS / f"{scene.__name__}.md"
    if os.environ.get("UPDATE_GOLDENS") == "1":
        golden.write_text(told, encoding="utf-8")
    assert told == golden.read_text(encoding="utf-8")


def test_no_form_of_a_preview_repeats_a_secret(plans: Any) -> None:
    found = secret_in_config(plans)

    for form in ("text", "markdown", "json"):
        told = previewing.render(found, form, 65_536)
        assert "hunter2" not in told
        assert "otlpEndpoint" in told, "it is named all the same"


def test_a_comment_stays_within_its_limit_and_says_what_it_left_out(plans: Any) -> None:
    old, new = plans.manifest("churn 1", 0.85), plans.manifest("churn 2", 0.86)
    names = [f"region-{number:03}" for number in range(300)]
    steps = [step for name in names for step in plans.service(name, "prod", old, new)]
    found = plans.preview("prod", steps, {name: {"manifest": new} for name in names})

    for limit in (1_000, 5_000, 20_000):
        told = markdown.render([found], limit)

        assert len(told) <= limit
        assert told.startswith(markdown.MARKER)
        assert "left out" in told


def test_a_stack_that_could_not_be_previewed_is_not_said_to_be_unchanged(plans: Any) -> None:
    found = [
        _unchanged(plans, "staging", plans.manifest("churn 1")),
        StackPreview("away", errors=("no stack named 'away'",)),
    ]

    assert "away: there is no preview" in previewing.render(found, "text", 65_536)
    assert "| **away** | ⚠️ not known |" in markdown.render(found)
    assert "no stack named 'away'" in markdown.render(found)


def test_a_preview_that_broke_off_says_so_and_counts_nothing(plans: Any) -> None:
    new = plans.manifest("churn 1")
    document = {
        "steps": [ROOT, *plans.ground("create", "staging")],
        "config": {"churn:services": json.dumps({"churnpred": {"manifest": new}})},
        "diagnostics": [{"severity": "error", "message": "error: churn:gatewayPort is 80800"}],
    }
    found = stack_reading.of_plan("staging", plans.project, steps.read(document, 255), TODAY)

    told = previewing.render([found], "text", 65_536)
    assert told.splitlines() == [
        "staging: the preview broke off; what would change is not known",
        "  error: churn:gatewayPort is 80800",
    ]
    comment = markdown.render([found])
    assert "| **staging** | ⚠️ the preview broke off; what would change is not known |  |  |  |  |" in comment
    assert "new, churn 1" not in comment
    answer = json.loads(previewing.render([found], "json", 65_536))[0]
    assert (answer["brokeOff"], answer["services"], set(answer["counts"].values())) == (True, [], {0})


def test_a_plan_with_a_step_that_is_not_known_did_not_break_off(plans: Any) -> None:
    odd = plans.step("odd", plans_volume(), "storage-images", {})
    document = {"steps": [ROOT, odd, *plans.ground("create", "staging")], "config": {}}
    found = stack_reading.of_plan("staging", plans.project, steps.read(document), TODAY)
    assert (found.broke_off, len(found.errors), found.count("create")) == (False, 1, 3)
