from datetime import date
from typing import Any

import pytest

from workbench.policies import judge
from workbench.policies.settings import PolicyException, PolicySettings
from workbench.policies.unknown import UNKNOWN

TODAY = date(2026, 11, 25)
DIGEST = "sha256:" + "a" * 64
DOCKER = "docker:index/container:Container"
DEPLOYMENT = "kubernetes:apps/v1:Deployment"


def docker(**other: Any) -> dict[str, Any]:
    return {
        "name": "churn-prod-churnpred-1-0",
        "image": f"127.0.0.1:5001/churnpred@{DIGEST}",
        "user": "10001:10001",
        "readOnly": True,
        "cpus": "1.0",
        "memory": 512,
        "envs": ["SCORING_KEYS=/run/workbench/keys", "SCORING_SERVICE=churnpred"],
        "labels": [{"label": "workbench.service", "value": "churnpred"}],
        "capabilities": {"drops": ["ALL"]},
        "securityOpts": ["no-new-privileges:true"],
        "mounts": [{"type": "volume", "source": "churn-prod-keys", "target": "/run/workbench/keys"}],
        "tmpfs": {"/scratch": "rw,size=64m"},
        "networksAdvanced": [{"name": "churn-prod", "aliases": []}],
        "ports": [{"internal": 8080, "external": 8080, "ip": "127.0.0.1"}],
        **other,
    }


GOOD = {"runAsNonRoot": True, "readOnlyRootFilesystem": True, "allowPrivilegeEscalation": False}


def deployment(security: dict[str, Any] | None = None, **other: Any) -> dict[str, Any]:
    container = {
        "name": "server",
        "image": f"registry.example.com/churnpred@{DIGEST}",
        "securityContext": GOOD if security is None else security,
        "resources": {"limits": {"cpu": "500m", "memory": "512Mi"}},
        "env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {}}}],
        **other,
    }
    pod = {"metadata": {"labels": {"workbench.service": "churnpred"}}, "spec": {"containers": [container]}}
    return {"metadata": {"name": "churnpred-1"}, "spec": {"replicas": 2, "template": pod}}


def broken(kind: str, inputs: dict[str, Any], settings: PolicySettings | None = None) -> list[str]:
    chosen = settings or PolicySettings(registries=("registry.example.com",))
    return [each.rule for each in judge.resource(kind, inputs, chosen, TODAY)]


@pytest.mark.parametrize(("kind", "inputs"), [(DOCKER, docker()), (DEPLOYMENT, deployment())])
def test_what_this_project_declares_breaks_no_rule(kind: str, inputs: dict[str, Any]) -> None:
    assert broken(kind, inputs) == []


BREAKS = [
    ("digest-only", DOCKER, docker(image="127.0.0.1:5001/churnpred:latest")),
    ("digest-only", DOCKER, docker(image="127.0.0.1:5000/gateway:latest", labels=[])),
    ("digest-only", DOCKER, docker(image=None)),
    ("digest-only", DEPLOYMENT, deployment(image="registry.example.com/churnpred:v2")),
    ("non-root", DOCKER, docker(user="root")),
    ("non-root", DOCKER, docker(user="0:0")),
    ("non-root", DOCKER, docker(user=None)),
    ("non-root", DEPLOYMENT, deployment({**GOOD, "runAsNonRoot": None})),
    ("non-root", DEPLOYMENT, deployment({**GOOD, "runAsUser": 0})),
    ("read-only", DOCKER, docker(readOnly=False)),
    ("read-only", DEPLOYMENT, deployment({"runAsUser": 10001, "allowPrivilegeEscalation": False})),
    ("limits", DOCKER, docker(memory=None)),
    ("limits", DOCKER, docker(cpus="")),
    ("limits", DEPLOYMENT, deployment(resources={"limits": {"memory": "1Gi"}})),
    ("no-plain-secrets", DOCKER, docker(envs=["DB_PASSWORD=hunter2"])),
    ("no-plain-secrets", DOCKER, docker(envs=["DATABASE=postgres://me:hunter2@db/churn"])),
    ("no-plain-secrets", DEPLOYMENT, deployment(env=[{"name": "API_KEY", "value": "abcdef"}])),
    ("known-registries", DOCKER, docker(image=f"evil.example.com/churnpred@{DIGEST}")),
    ("known-registries", DOCKER, docker(image=f"churnpred@{DIGEST}")),
    ("known-registries", DEPLOYMENT, deployment(image=f"docker.io/churnpred@{DIGEST}")),
]


@pytest.mark.parametrize(("rule", "kind", "inputs"), BREAKS)
def test_each_rule_is_broken_by_what_it_is_for_and_no_other_is(rule: str, kind: str, inputs: dict[str, Any]) -> None:
    assert broken(kind, inputs) == [rule]


def test_the_stacks_own_machinery_may_be_named_by_the_tag_of_its_content() -> None:
    assert broken(DOCKER, docker(image="churn-staging-gateway:" + "b" * 16, labels=[])) == []


def test_what_only_an_up_knows_is_left_to_it() -> None:
    assert broken(DOCKER, docker(image=UNKNOWN, user=UNKNOWN, cpus=UNKNOWN, memory=UNKNOWN)) == []


def test_other_resources_are_not_judged() -> None:
    assert broken("docker:index/network:Network", {"name": "x"}) == []
    assert broken("aws:s3/bucket:Bucket", {"name": "x"}) == []


def test_a_secret_is_named_but_never_repeated() -> None:
    [found] = judge.resource(DOCKER, docker(envs=["DB_PASSWORD=hunter2"]), PolicySettings(), TODAY)

    assert "DB_PASSWORD" in found.line()
    assert "hunter2" not in found.line()


def excepted(until: date, service: str | None = None) -> PolicySettings:
    return PolicySettings(exceptions=(PolicyException("non-root", until, "an old image", service),))


def test_an_exception_lets_its_rule_pass_until_the_end_of_its_day_and_says_why() -> None:
    [found] = judge.resource(DOCKER, docker(user="root"), excepted(TODAY), TODAY)

    assert judge.refusing([found]) == []
    assert found.excepted == "an old image (until 2026-11-25)"


def test_an_exception_that_ended_refuses_and_says_so() -> None:
    [found] = judge.resource(DOCKER, docker(user="root"), excepted(date(2026, 11, 24)), TODAY)

    assert judge.refusing([found]) == [found]
    assert "its exception ended on 2026-11-24" in found.line()


def test_an_exception_is_for_its_rule_and_its_service_alone() -> None:
    assert judge.refusing(judge.resource(DOCKER, docker(readOnly=False), excepted(TODAY), TODAY))
    assert judge.refusing(judge.resource(DOCKER, docker(user="root"), excepted(TODAY, "another"), TODAY))
    assert not judge.refusing(judge.resource(DOCKER, docker(user="root"), excepted(TODAY, "churnpred"), TODAY))
