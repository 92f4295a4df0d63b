"""Fields of another type than a rule can read are refused, each in one line that names it."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.test_container_rules import DOCKER, TODAY, broken, docker
from tests.policies.test_docker_containers import PERSISTENT, SWARM, VOLUME, swarm
from tests.policies.test_kubernetes_pods import KINDS, POD, SECURITY, changed
from workbench.policies import judge
from workbench.policies.settings import PolicySettings
from workbench.policies.unknown import UNKNOWN

POD_KIND = "kubernetes:core/v1:Pod"
OF_DOCKER = [
    ({"mounts": {"type": "bind", "source": "/", "target": "/x"}}, "mounts is a mapping, not a list"),
    ({"mounts": ["/:/x"]}, "mounts[0] is a text, not a mapping"),
    ({"mounts": [None]}, "mounts[0] is empty"),
    ({"mounts": [{"type": ["bind"]}]}, "mounts[0].type is a list, not a text or number"),
    (
        {"mounts": [{"type": "volume", "volumeOptions": {"driverOptions": ["x"]}}]},
        "mounts[0].volumeOptions.driverOptions is a list, not a mapping",
    ),
    ({"volumes": {"hostPath": "/"}}, "volumes is a mapping, not a list"),
    ({"capabilities": {"adds": "ALL"}}, "capabilities.adds is a text, not a list"),
    ({"capabilities": ["ALL"]}, "capabilities is a list, not a mapping"),
    ({"sysctls": ["net.ipv4.ip_forward=1"]}, "sysctls is a list, not a mapping"),
    ({"envs": {"DB_PASSWORD": "hunter2"}}, "envs is a mapping, not a list"),
    ({"labels": {"workbench.service": "x"}}, "labels is a mapping, not a list"),
    ({"securityOpts": "no-new-privileges:true"}, "securityOpts is a text, not a list"),
    ({"networksAdvanced": {"name": "host"}}, "networksAdvanced is a mapping, not a list"),
    ({"networkMode": ["host"]}, "networkMode is a list, not a text or number"),
    ({"networkMode": b"host"}, "networkMode is bytes, not a text or number"),
    ({"groupAdds": "0"}, "groupAdds is a text, not a list"),
    ({"uploads": {"permissions": "4755"}}, "uploads is a mapping, not a list"),
    ({"ports": {"external": 80}}, "ports is a mapping, not a list"),
    ({"ports": [80]}, "ports[0] is a number, not a mapping"),
]
OF_PODS: list[tuple[tuple[str, ...], Any, str]] = [
    (("containers",), {"name": "x", "image": "x"}, "containers is a mapping, not a list"),
    (("initContainers",), {"name": "x"}, "initContainers is a mapping, not a list"),
    (("containers",), ["x"], "containers[0] is a text, not a mapping"),
    (("volumes",), {"hostPath": {"path": "/"}}, "volumes is a mapping, not a list"),
    (("volumes",), ["/"], "volumes[0] is a text, not a mapping"),
    ((SECURITY,), [{"runAsUser": 0}], "securityContext is a list, not a mapping"),
    ((SECURITY,), {"sysctls": {"name": "x"}}, "securityContext.sysctls is a mapping, not a list"),
    ((SECURITY,), {"supplementalGroups": "0"}, "securityContext.supplementalGroups is a text, not a list"),
    (("*", SECURITY, "capabilities"), ["ALL"], "containers[0].securityContext.capabilities is a list, not a mapping"),
    (("*", SECURITY, "capabilities"), {"add": "ALL"}, "capabilities.add is a text, not a list"),
    (("*", SECURITY, "seccompProfile"), "Unconfined", "seccompProfile is a text, not a mapping"),
    (("*", "env"), {"DB_PASSWORD": "hunter2"}, "containers[0].env is a mapping, not a list"),
    (("*", "ports"), {"hostPort": 80}, "containers[0].ports is a mapping, not a list"),
]


def told(kind: str, inputs: dict[str, Any]) -> str:
    [found] = [each for each in judge.resource(kind, inputs, PolicySettings(), TODAY) if each.rule == "readable"]
    assert len(found.line().splitlines()) == 1
    assert "hunter2" not in found.line()
    return found.line()


@pytest.mark.parametrize(("other", "line"), OF_DOCKER)
def test_a_docker_containers_field_of_another_type_is_refused(other: dict[str, Any], line: str) -> None:
    assert f"can't be judged: {line}" in told(DOCKER, docker(**other))


@pytest.mark.parametrize(("path", "value", "line"), OF_PODS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_pods_field_of_another_type_is_refused_in_any_workload(
    kind: str, path: tuple[str, ...], value: Any, line: str
) -> None:
    assert line in told(kind, KINDS[kind](changed(POD, "containers", path, value)))


@pytest.mark.parametrize("kind", [each for each in KINDS if each not in (POD_KIND, "kubernetes:core/v1:PodTemplate")])
def test_a_workload_whose_spec_is_a_list_is_refused(kind: str) -> None:
    assert "spec is a list, not a mapping" in told(kind, {"spec": [{"template": POD}]})


@pytest.mark.parametrize(
    ("kind", "inputs", "line"),
    [
        (VOLUME, {"driverOpts": ["type=none", "device=/"]}, "driverOpts is a list, not a mapping"),
        (VOLUME, {"driver": ["local"]}, "driver is a list, not a text or number"),
        (PERSISTENT, {"spec": [{"hostPath": {"path": "/"}}]}, "spec is a list, not a mapping"),
        (SWARM, {"taskSpec": [{}]}, "taskSpec is a list, not a mapping"),
        (SWARM, swarm(capAdds="ALL"), "taskSpec.containerSpec.capAdds is a text, not a list"),
        (SWARM, swarm(env=["DB_PASSWORD=hunter2"]), "taskSpec.containerSpec.env is a list, not a mapping"),
    ],
)
def test_a_volume_or_a_swarms_service_of_another_shape_is_refused(kind: str, inputs: dict[str, Any], line: str) -> None:
    assert line in told(kind, inputs)


def test_many_unreadable_fields_are_one_line() -> None:
    line = told(DOCKER, docker(mounts=["x"] * 10))

    assert "mounts[3] is a text, not a mapping and 6 more" in line


def test_what_only_an_up_knows_or_a_preview_hides_is_left_to_the_up() -> None:
    hidden = {"sysctls": UNKNOWN, "mounts": UNKNOWN, "envs": "[secret]", "groupAdds": [UNKNOWN]}

    assert broken(DOCKER, docker(**hidden)) == []
