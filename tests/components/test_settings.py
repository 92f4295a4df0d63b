from __future__ import annotations

from typing import Any

import pytest

from workbench.components.errors import InfraError
from workbench.components.service_settings import parse_services
from workbench.core.service_settings import ServiceSettings

WHERE = "Pulumi.staging.yaml: churn"
MANIFEST = "sha256:" + "a" * 64
IMAGE = "127.0.0.1:5000/churnpred@sha256:" + "b" * 64


def test_a_pin_alone_is_a_service_with_all_its_defaults() -> None:
    assert parse_services(WHERE, {"churnpred": {"manifest": MANIFEST}}) == [
        ServiceSettings(name="churnpred", manifest=MANIFEST)
    ]


def test_every_key_finds_its_field() -> None:
    keys = {
        "manifest": MANIFEST,
        "image": IMAGE,
        "replicas": 2,
        "cpu": 0.5,
        "memory": 256,
        "drainSeconds": 3,
        "healthySeconds": 9,
    }

    assert parse_services(WHERE, {"churnpred": keys}) == [
        ServiceSettings(
            name="churnpred",
            manifest=MANIFEST,
            image=IMAGE,
            replicas=2,
            cpu=0.5,
            memory=256,
            drain_seconds=3,
            healthy_seconds=9,
        )
    ]


def test_services_come_in_the_order_of_their_names() -> None:
    found = parse_services(WHERE, {name: {"manifest": MANIFEST} for name in ("zeta", "alpha")})

    assert [each.name for each in found] == ["alpha", "zeta"]


@pytest.mark.parametrize(
    ("services", "says"),
    [
        ([], "services is a list"),
        ({"churnpred": "sha256:…"}, "services.churnpred is a text"),
        ({"churnpred": {}}, "services.churnpred.manifest is missing; `workbench manifest create --stack`"),
        (
            {"churnpred": {"manifest": "churn:1"}},
            "churnpred.manifest is 'churn:1'; it must be sha256: and 64 hex digits",
        ),
        ({"churnpred": {"manifest": MANIFEST, "image": "churnpred:latest"}}, "never a tag"),
        (
            {"churnpred": {"manifest": MANIFEST, "replica": 2}},
            "churnpred.replica is not known; did you mean 'replicas'?",
        ),
        ({"churnpred": {"manifest": MANIFEST, "replicas": 0}}, "replicas is 0; it must be from 1 to 1000"),
        ({"churnpred": {"manifest": MANIFEST, "replicas": 1.5}}, "it must be a whole number"),
        ({"churnpred": {"manifest": MANIFEST, "memory": True}}, "memory is True; it must be a whole number"),
        ({"churnpred": {"manifest": MANIFEST, "cpu": "two"}}, "cpu is 'two'; it must be a number"),
        ({"Churn_Pred": {"manifest": MANIFEST}}, "'Churn_Pred' can't name a service"),
        ({"ab": {"manifest": MANIFEST}}, "'ab' can't name a service"),
    ],
)
def test_what_cannot_be_used_is_named_with_its_place_and_the_rule(services: Any, says: str) -> None:
    with pytest.raises(InfraError) as refused:
        parse_services(WHERE, services)

    assert says in str(refused.value)
    assert str(refused.value).startswith(WHERE)
    assert "\n" not in str(refused.value)
