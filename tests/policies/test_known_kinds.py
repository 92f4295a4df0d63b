"""Kinds that can be read, kinds that run nothing, and all others; what holds for every kind alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from tests.policies.test_container_rules import BREAKS, DOCKER, TODAY, broken, docker
from tests.policies.test_docker_containers import DOCKER_BREAKS, PERSISTENT, SWARM, VOLUME
from tests.policies.test_kubernetes_pods import KINDS, POD, POD_BREAKS, changed
from workbench.policies import judge
from workbench.policies.container_rules import CONTAINER_RULES
from workbench.policies.settings import RULES, PolicyException, PolicySettings

SETTINGS = PolicySettings(registries=("registry.example.com",))

SOCKETS = [
    "/var/run/docker.sock",
    "/run/docker.sock",
    "//var/run//docker.sock",
    "/srv/../var/run/docker.sock",
    "/var/run",
    "/run/",
    "/",
    "/var",
    "/run/containerd/containerd.sock",
    "/run/containerd",
    "/root/.local/share/workbench/dockerd/docker.sock",
    "/run/crio/crio.sock",
    "/run/user/1000/podman",
    "\\\\.\\pipe\\docker_engine",
]


@pytest.mark.parametrize("path", SOCKETS)
def test_the_engines_socket_has_a_rule_of_its_own_however_it_is_mounted(path: str) -> None:
    bound = docker(mounts=[{"type": "bind", "source": path, "target": "/x"}])
    of_node = changed(POD, "containers", ("volumes",), [{"name": "x", "hostPath": {"path": path}}])
    excepted = PolicySettings(SETTINGS.gates, (PolicyException("no-host-mounts", TODAY, "x"),), SETTINGS.registries)

    for kind, inputs in ((DOCKER, bound), ("kubernetes:core/v1:Pod", of_node)):
        assert broken(kind, inputs) == ["no-host-mounts", "no-engine-socket"]
        left = judge.refusing(judge.resource(kind, inputs, excepted, TODAY))
        assert [each.rule for each in left] == ["no-engine-socket"]


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf", "much", "", None, [], True])
def test_a_limit_that_limits_nothing_is_none(limit: Any) -> None:
    assert broken(DOCKER, docker(cpus=limit)) == ["limits"]
    pod = changed(POD, "containers", ("*", "resources"), {"limits": {"cpu": limit, "memory": "1Gi"}})
    assert broken("kubernetes:core/v1:Pod", pod) == ["limits"]


UNREADABLE = [
    "kubernetes:apps/v1:DeploymentPatch",
    "kubernetes:apps/v1:DeploymentList",
    "kubernetes:apps/v1:ControllerRevision",
    "kubernetes:batch/v1:CronJobPatch",
    "kubernetes:core/v1:PodList",
    "kubernetes:core/v1:PersistentVolumePatch",
    "kubernetes:core/v1:List",
    "kubernetes:core/v1:ConfigMapPatch",
    "kubernetes:core/v1:SecretList",
    "kubernetes:networking.k8s.io/v1:IngressPatch",
    "kubernetes:yaml:ConfigFile",
    "kubernetes:yaml:ConfigGroup",
    "kubernetes:yaml/v2:ConfigFile",
    "kubernetes:yaml/v2:ConfigGroup",
    "kubernetes:helm.sh/v3:Chart",
    "kubernetes:helm.sh/v3:Release",
    "kubernetes:helm.sh/v4:Chart",
    "kubernetes:kustomize:Directory",
    "kubernetes:kustomize/v2:Directory",
    "kubernetes:argoproj.io/v1alpha1:Workflow",
    "kubernetes:apps.kruise.io/v1alpha1:Deployment",
    "kubernetes:serving.knative.dev/v1:Service",
    "kubernetes:networking.k8s.io/v1:Pod",
    "docker:index/plugin:Plugin",
    "docker:index/buildxBuilder:BuildxBuilder",
    "docker:index:Container",
    "docker:index/container:Container2",
]


@pytest.mark.parametrize("kind", UNREADABLE)
def test_a_kind_that_may_run_anything_is_refused_in_one_line_that_says_what_is_known(kind: str) -> None:
    [found] = judge.resource(kind, {"metadata": {"name": "it"}}, SETTINGS, TODAY)

    assert found.rule == "known-kinds"
    assert len(found.line().splitlines()) == 1
    assert f"of type {kind} may run anything; known are docker's Container and Service, Deployment," in found.line()


OTHERS = [
    ("core/v1:Pod", "v1", "CronJob"),
    ("core/v1:ConfigMap", "v1", "Pod"),
    ("core/v1:ConfigMap", None, "Pod"),
    ("core/v1:ConfigMap", "apps/v1", None),
    ("core/v1:Service", "serving.knative.dev/v1", "Service"),
    ("batch/v1:Job", "batch.volcano.sh/v1alpha1", "Job"),
    ("apps/v1:Deployment", "apps.kruise.io/v1alpha1", "Deployment"),
    ("apps/v1:Deployment", "v1", "Deployment"),
    ("networking.k8s.io/v1:Ingress", "networking.k8s.io/v1beta1", "Ingress"),
    ("core/v1:PersistentVolume", "v1", "Pod"),
    ("core/v1:ConfigMap", {"not": "a text"}, "ConfigMap"),
    ("core/v1:ConfigMap", "v1", "Pod\nnothing else"),
]


@pytest.mark.parametrize(("kind", "version", "called"), OTHERS)
def test_an_object_that_calls_itself_another_kind_or_version_than_its_type_is_refused(
    kind: str, version: Any, called: str | None
) -> None:
    inputs = {"apiVersion": version, "kind": called, "metadata": {"name": "it"}}
    [found] = judge.resource(f"kubernetes:{kind}", inputs, SETTINGS, TODAY)

    assert found.rule == "known-kinds"
    assert len(found.line().splitlines()) == 1
    assert f"{called or version!r}"[1:4] in found.line()


OWN = [("core/v1:ConfigMap", "v1"), ("v1:Namespace", "v1"), ("networking.k8s.io/v1:Ingress", "networking.k8s.io/v1")]


@pytest.mark.parametrize(("kind", "version"), OWN)
def test_an_object_that_says_what_its_type_says_passes(kind: str, version: str) -> None:
    inputs = {"apiVersion": version, "kind": kind.rpartition(":")[2], "metadata": {"name": "it"}}

    assert broken(f"kubernetes:{kind}", inputs) == []


@pytest.mark.parametrize(
    "kind",
    [
        *("core/v1:ConfigMap", "core/v1:Service", "core/v1:Secret", "v1:Namespace"),
        *(
            "networking.k8s.io/v1:NetworkPolicy",
            "autoscaling/v2:HorizontalPodAutoscaler",
            "policy/v1:PodDisruptionBudget",
        ),
    ],
)
def test_a_kind_that_runs_nothing_passes(kind: str) -> None:
    assert broken(f"kubernetes:{kind}", {"metadata": {"name": "it"}}) == []


def test_an_exception_may_be_for_one_kind_alone() -> None:
    monitor = "kubernetes:monitoring.coreos.com/v1:ServiceMonitor"
    settings = PolicySettings(exceptions=(PolicyException("known-kinds", TODAY, "x", kind=monitor),))

    def left(kind: str) -> list[str]:
        found = judge.resource(kind, {"metadata": {"name": "it"}}, settings, TODAY)
        return [each.rule for each in judge.refusing(found)]

    assert left(monitor) == []
    assert left("kubernetes:helm.sh/v3:Chart") == ["known-kinds"]


def _broken_rules() -> Iterator[str]:
    yield from (rule for rule, *_ in [*BREAKS, *POD_BREAKS])
    yield from (rule for rule, _ in DOCKER_BREAKS)
    yield "no-engine-socket"


def test_every_rule_has_a_test_that_breaks_it_and_can_be_excepted_by_its_name() -> None:
    assert {each.name for each in CONTAINER_RULES} == set(_broken_rules())
    assert {each.name for each in CONTAINER_RULES} | {judge.KNOWN_KINDS.name} < set(RULES)


@pytest.mark.parametrize("mark", ["\n", "\r", "\u2028", "\u202e", "\x1b"])
def test_a_line_end_or_mark_in_a_name_is_shown_as_what_it_is(mark: str) -> None:
    text = f"a{mark}policy"
    inputs = docker(
        name=text, user=text, image=f"{text}.com/x", envs=[f"{text}_TOKEN=x"], capabilities={"adds": [text]}
    )

    for found in judge.resource(DOCKER, inputs, SETTINGS, TODAY):
        assert found.line().isprintable()


@pytest.mark.parametrize(
    "value", [None, "text", 3, [], {}, [None], ["text"], {"spec": None}, {"spec": {"template": []}}]
)
@pytest.mark.parametrize("kind", [*KINDS, DOCKER, SWARM, VOLUME, PERSISTENT])
def test_inputs_of_another_shape_are_judged_without_a_word_of_python(kind: str, value: Any) -> None:
    shapes = [
        dict.fromkeys(("spec", "metadata", "template", "taskSpec", "mounts", "labels", "securityOpts", "envs"), value)
    ]
    if isinstance(value, dict):
        shapes.append(value)
    for inputs in shapes:
        assert all(len(each.line().splitlines()) == 1 for each in judge.resource(kind, inputs, SETTINGS, date.max))
