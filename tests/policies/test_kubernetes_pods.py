"""Whatever holds the template of a pod is judged by all of its containers."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.policies.test_container_rules import broken, deployment

Inputs = dict[str, Any]

POD: Inputs = deployment()["spec"]["template"]

# Each kind of resource that holds the template of a pod, and how it holds it.
KINDS: dict[str, Callable[[Inputs], Inputs]] = {
    **{
        f"kubernetes:{group}:{kind}": lambda pod: {"metadata": {"name": "x"}, "spec": {"template": pod}}
        for group, kind in [
            *(("apps/v1", kind) for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")),
            ("apps/v1beta1", "Deployment"),
            ("extensions/v1beta1", "DaemonSet"),
            ("core/v1", "ReplicationController"),
            ("v1", "ReplicationController"),
            ("batch/v1", "Job"),
        ]
    },
    "kubernetes:batch/v1:CronJob": lambda pod: {"spec": {"jobTemplate": {"spec": {"template": pod}}}},
    "kubernetes:batch/v1beta1:CronJob": lambda pod: {"spec": {"jobTemplate": {"spec": {"template": pod}}}},
    "kubernetes:core/v1:Pod": lambda pod: {"metadata": pod["metadata"], "spec": pod["spec"]},
    "kubernetes:core/v1:PodTemplate": lambda pod: {"metadata": {"name": "x"}, "template": pod},
}

PLACES = ("containers", "initContainers", "ephemeralContainers")

SECURITY = "securityContext"

# What breaks a rule by what a pod or a container of it says; a path's `*` is the container.
POD_BREAKS: list[tuple[str, tuple[str, ...], Any]] = [
    ("no-privileged", ("*", SECURITY, "privileged"), True),
    ("no-privileged", ("*", SECURITY, "windowsOptions"), {"hostProcess": True}),
    ("no-escalation", ("*", SECURITY, "allowPrivilegeEscalation"), True),
    ("no-escalation", ("*", SECURITY, "allowPrivilegeEscalation"), None),
    ("no-capabilities", ("*", SECURITY, "capabilities"), {"add": ["SYS_ADMIN"], "drop": ["ALL"]}),
    ("no-host-mounts", ("volumes",), [{"name": "x", "hostPath": {"path": "/srv"}}]),
    *(
        ("no-host-mounts", ("volumes",), [{"name": "x", source: told}])
        for source, told in {
            "hostPath": {},
            "csi": {"driver": "any"},
            "nfs": {"server": "files", "path": "/"},
            "flexVolume": {"driver": "any"},
            "cephfs": {"monitors": []},
            "iscsi": {},
            "gitRepo": {"repository": "x"},
            "image": {"reference": "x"},
            "unheardOf": {},
        }.items()
    ),
    ("no-host-namespaces", ("hostNetwork",), True),
    ("no-host-namespaces", ("hostPID",), True),
    ("no-host-namespaces", ("hostPid",), True),  # as the program's own arguments are spelt
    ("no-host-namespaces", ("hostIPC",), True),
    ("no-host-ports", ("*", "ports"), [{"containerPort": 80, "hostPort": 80}]),
    ("no-devices", ("*", "volumeDevices"), [{"name": "x", "devicePath": "/dev/xvda"}]),
    ("confined", ("*", SECURITY, "seccompProfile"), {"type": "Unconfined"}),
    ("confined", ("*", SECURITY, "seccompProfile"), {"type": "Localhost", "localhostProfile": "x.json"}),
    ("confined", ("*", SECURITY, "appArmorProfile"), {"type": "Unconfined"}),
    ("confined", ("*", SECURITY, "appArmorProfile"), {"type": "Localhost", "localhostProfile": "x"}),
    ("confined", ("*", SECURITY, "procMount"), "Unmasked"),
    ("confined", ("*", SECURITY, "seLinuxOptions"), {"type": "spc_t"}),
    ("confined", (SECURITY,), {"seccompProfile": {"type": "Unconfined"}}),
    ("no-devices", ("resourceClaims",), [{"name": "gpu"}]),
    ("non-root", ("*", SECURITY, "runAsGroup"), 0),
    ("non-root", ("*", SECURITY, "runAsGroup"), 0.0),
    ("non-root", (SECURITY,), {"runAsGroup": 0}),
    ("non-root", (SECURITY,), {"fsGroup": 0}),
    ("non-root", (SECURITY,), {"supplementalGroups": [10001, 0]}),
    ("limits", ("*", "resources"), {"limits": {"cpu": "1k", "memory": "1Gi"}}),
    ("limits", ("*", "resources"), {"limits": {"cpu": 1, "memory": "8Ei"}}),
    ("limits", ("*", "resources"), {"limits": {"cpu": "-1", "memory": "1Gi"}}),
    ("no-sysctls", (SECURITY,), {"sysctls": [{"name": "kernel.msgmax", "value": "1"}]}),
    ("non-root", ("*", SECURITY, "runAsUser"), 0),
    ("read-only", ("*", SECURITY, "readOnlyRootFilesystem"), False),
    ("limits", ("*", "resources"), None),
    ("digest-only", ("*", "image"), "registry.example.com/churnpred:v1"),
]


def changed(pod: Inputs, place: str, path: tuple[str, ...], value: Any) -> Inputs:
    """The pod with one thing changed, in a container that stands at `place`."""
    pod = copy.deepcopy(pod)
    spec = pod["spec"]
    if place != "containers":
        spec[place] = copy.deepcopy(spec["containers"])
    inner = spec[place][0] if path[0] == "*" else spec
    for step in path[1:-1] if path[0] == "*" else path[:-1]:
        inner = inner[step]
    inner[path[-1]] = value
    return pod


@pytest.mark.parametrize("kind", KINDS)
def test_a_workload_of_any_kind_that_is_as_ours_are_breaks_no_rule(kind: str) -> None:
    assert broken(kind, KINDS[kind](POD)) == []


@pytest.mark.parametrize(("rule", "path", "value"), POD_BREAKS)
@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("kind", KINDS)
def test_a_workload_of_any_kind_breaks_a_rule_by_any_of_its_containers(
    kind: str, place: str, rule: str, path: tuple[str, ...], value: Any
) -> None:
    assert set(broken(kind, KINDS[kind](changed(POD, place, path, value)))) == {rule}


@pytest.mark.parametrize("user", [0, "0", 0.0, "00", "+0", "x", False, [], -1])
def test_a_pods_user_that_is_root_or_may_be_root_is_refused_in_any_spelling(user: Any) -> None:
    pod = changed(POD, "containers", ("*", SECURITY, "runAsUser"), user)

    assert broken("kubernetes:core/v1:Pod", pod) == ["non-root"]


@pytest.mark.parametrize("memory", ["1Gi", "1e9", "128974848000m", "500M", 1 << 29, "1.5Gi"])
def test_every_spelling_of_a_quantity_is_a_limit(memory: Any) -> None:
    pod = changed(POD, "containers", ("*", "resources"), {"limits": {"cpu": "500m", "memory": memory}})

    assert broken("kubernetes:core/v1:Pod", pod) == []


VOLUMES = [
    *(
        {"name": "x", source: {}}
        for source in ("configMap", "emptyDir", "persistentVolumeClaim", "secret", "projected")
    ),
    *({"name": "x", source: {}} for source in ("downwardAPI", "downwardApi", "ephemeral")),
    {"name": "x", "hostPath": None},
    {"name": "x"},
]


@pytest.mark.parametrize("volume", VOLUMES)
def test_a_volume_that_the_cluster_itself_makes_is_taken(volume: Inputs) -> None:
    assert broken("kubernetes:core/v1:Pod", changed(POD, "containers", ("volumes",), [volume])) == []


@pytest.mark.parametrize(("profile", "rules"), [("localhost/x", ["confined"]), ("runtime/default", [])])
@pytest.mark.parametrize(
    "key", ["container.apparmor.security.beta.kubernetes.io/server", "seccomp.security.alpha.kubernetes.io/pod"]
)
def test_a_profile_by_an_annotation_is_the_clusters_own_or_refused(key: str, profile: str, rules: list[str]) -> None:
    pod = {"metadata": {"name": "x", "annotations": {key: profile}}, "spec": POD["spec"]}

    assert broken("kubernetes:core/v1:Pod", pod) == rules
