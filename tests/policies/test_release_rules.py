import math
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from workbench.policies import judge, schema_change
from workbench.policies.evidence import Evidence
from workbench.policies.metrics import Measured
from workbench.policies.release_rules import RELEASE_RULES, Release, ungated
from workbench.policies.settings import RULES, Gate, PolicySettings

TODAY = date(2026, 11, 25)
DIGEST, OTHER = ("sha256:" + letter * 64 for letter in "ab")
IMAGE = f"127.0.0.1:5000/churnpred@{DIGEST}"
EVIDENCE = Evidence(
    project="churn",
    service="churnpred",
    source="staging",
    target="prod",
    digest=DIGEST,
    image=IMAGE,
    manifest=OTHER,
    by="Ada <ada@example.com>",
    at="2026-11-25T10:00:00+00:00",
    passed={},
)
BRIER = PolicySettings({"brier": Gate(at_most=0.1)}, promoted_from="staging")
BROKEN = schema_change.SchemaChange(
    "breaking", (schema_change.FieldChange("send", "input_df[].age", "is gone, and refused", breaking=True),)
)


def release(**other: Any) -> Release:
    facts: dict[str, Any] = {
        "project": "churn",
        "stack": "prod",
        "service": "churnpred",
        "manifest": OTHER,
        "image": IMAGE,
        "policies": PolicySettings({"roc_auc": Gate(at_least=0.8)}, promoted_from="staging"),
        "evidence": EVIDENCE,
        "schema": schema_change.SchemaChange("compatible"),
        "metrics": {"roc_auc": Measured(0.87, 0.83, 0.91)},
        "serving": {"roc_auc": Measured(0.86, 0.82, 0.90)},
    }
    return Release(**facts | other)


def evidence(**other: Any) -> Evidence:
    return Evidence(**vars(EVIDENCE) | other)


def broken(pinned: Release) -> list[str]:
    return [each.rule for each in judge.release(pinned, TODAY)]


def test_a_promoted_release_that_is_good_enough_breaks_no_rule() -> None:
    assert broken(release()) == []


BREAKS: list[tuple[str, dict[str, Any]]] = [
    ("promoted", {"image": None}),
    ("promoted", {"evidence": None}),
    ("promoted", {"evidence": evidence(source="laptop")}),
    ("promoted", {"evidence": evidence(digest=OTHER)}),
    ("promoted", {"evidence": evidence(manifest=DIGEST)}),
    ("promoted", {"evidence": evidence(service="another")}),
    ("newest-promotion", {"promoted_at": "2099-01-01T00:00:00+00:00"}),
    ("signed", {"unsigned": "has evidence that can't be believed"}),
    ("known-registries", {"image": f"evil.example.com/churnpred@{DIGEST}"}),
    ("metric-gate", {"metrics": {"roc_auc": Measured(0.82, 0.79, 0.85)}}),
    ("metric-gate", {"metrics": {}}),
    ("metric-gate", {"policies": BRIER, "metrics": {"brier": Measured(0.09, 0.08, 0.11)}}),
    ("metric-gate", {"serving": {"roc_auc": Measured(0.97, 0.96, 0.98)}}),
    ("metric-gate", {"worse": ("roc_auc",)}),
    ("schema-kept", {"schema": BROKEN}),
]


@pytest.mark.parametrize(("rule", "other"), BREAKS)
def test_each_rule_is_broken_by_what_it_is_for_and_no_other_is(rule: str, other: dict[str, Any]) -> None:
    assert broken(release(**other)) == [rule]


def test_every_rule_has_a_test_that_breaks_it_and_can_be_excepted_by_its_name() -> None:
    assert {each.name for each in RELEASE_RULES} == {rule for rule, _ in BREAKS}
    assert {each.name for each in RELEASE_RULES} < set(RULES)


def test_a_stack_that_takes_images_from_anywhere_asks_for_no_evidence() -> None:
    assert broken(release(policies=PolicySettings(), evidence=None, image=None)) == []


def test_the_comparison_on_the_same_rows_goes_before_recorded_intervals() -> None:
    assert broken(release(serving={"roc_auc": Measured(0.97, 0.96, 0.98)}, worse=())) == []


def test_a_gate_may_let_a_worse_model_pass() -> None:
    lenient = PolicySettings({"roc_auc": Gate(at_least=0.8, not_worse=False)}, promoted_from="staging")

    assert broken(release(policies=lenient, worse=("roc_auc",))) == []


DEFAULT = replace(PolicySettings(), promoted_from="staging")
AUC = {"roc_auc": Measured(0.9)}


@pytest.mark.parametrize("metrics", [{}, {"brier": Measured(0.1)}, {"roc_auc": Measured(math.nan)}])
@pytest.mark.parametrize(
    ("serving", "told"),
    [
        (AUC, "has no metric roc_auc, which what serves has; `gates` names another metric, or none by {}"),
        (None, "has no metric roc_auc, and what serves is not known here to compare with; `gates: {}` asks for none"),
    ],
)
def test_the_default_gate_refuses_a_model_without_the_metric_of_what_serves_and_says_the_way(
    metrics: dict[str, Measured], serving: dict[str, Measured] | None, told: str
) -> None:
    [found] = judge.release(release(policies=DEFAULT, metrics=metrics, serving=serving), TODAY)

    assert found.rule == "metric-gate"
    assert told in found.line()
    assert broken(release(policies=replace(DEFAULT, gates={}), metrics=metrics, serving=serving)) == []


@pytest.mark.parametrize("serving", [{}, {"rmse": Measured(2.0)}])
def test_the_default_gate_lets_a_first_release_and_services_that_never_had_the_metric_pass_and_says_so(
    serving: dict[str, Measured],
) -> None:
    new = release(policies=DEFAULT, metrics={"rmse": Measured(2.0)}, serving=serving)

    assert broken(new) == []
    assert ungated(new) == "no metric roc_auc, by which the gate judges where there is one; name what counts in `gates`"
    assert ungated(release(policies=DEFAULT, metrics=AUC)) is None


@pytest.mark.parametrize("gate", [Gate(), Gate(at_least=0.5), Gate(at_most=0.5), Gate(not_worse=False)])
@pytest.mark.parametrize("found", [None, Measured(math.nan), Measured(math.inf), Measured(0.9, math.nan, 1.0)])
def test_a_gate_that_a_stack_names_refuses_a_model_without_a_usable_metric_also_in_a_first_release(
    gate: Gate, found: Measured | None
) -> None:
    asked = PolicySettings({"roc_auc": gate}, promoted_from="staging")
    metrics = {"roc_auc": found} if found else {}

    assert broken(release(policies=asked, metrics=metrics, serving={})) == ["metric-gate"]


def test_a_break_names_the_fields_that_callers_stumble_over() -> None:
    [found] = judge.release(release(schema=BROKEN), TODAY)

    assert "callers send input_df[].age: is gone, and refused" in found.line()


def test_a_configuration_with_a_secret_in_plain_text_is_told_by_its_path_alone() -> None:
    config = {"services": {"churnpred": {"otlpEndpoint": "http://me:hunter2@collector:4318"}}, "safe": "x"}

    [found] = judge.configuration("Pulumi.prod.yaml", config, PolicySettings(), TODAY)

    assert "services.churnpred.otlpEndpoint" in found.line()
    assert "hunter2" not in found.line()
