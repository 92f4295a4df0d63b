"""What leads out of a container, in every spelling and in every kind of resource that runs one."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any

import pytest

from policies import judge
from policies.container_rules import CONTAINER_RULES
from policies.settings import RULES, PolicyException, PolicySettings
from tests.policies.test_container_rules import BREAKS, DIGEST, DOCKER, TODAY, broken, deployment, docker

Inputs = dict[str, Any]
SWARM = "docker:index/service:Service"
SETTINGS = PolicySettings(registries=("registry.example.com",))
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
    ("no-host-namespaces", ("hostNetwork",), True),
    ("no-host-namespaces", ("hostPID",), True),
    ("no-host-namespaces", ("hostPid",), True),  # as the program's own arguments are spelt
    ("no-host-namespaces", ("hostIPC",), True),
    ("no-host-ports", ("*", "ports"), [{"containerPort": 80, "hostPort": 80}]),
    ("no-devices", ("*", "volumeDevices"), [{"name": "x", "devicePath": "/dev/xvda"}]),
    ("confined", ("*", SECURITY, "seccompProfile"), {"type": "Unconfined"}),
    ("confined", ("*", SECURITY, "appArmorProfile"), {"type": "Unconfined"}),
    ("confined", ("*", SECURITY, "procMount"), "Unmasked"),
    ("confined", ("*", SECURITY, "seLinuxOptions"), {"type": "spc_t"}),
    ("confined", (SECURITY,), {"seccompProfile": {"type": "Unconfined"}}),
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


DOCKER_BREAKS: list[tuple[str, Inputs]] = [
    ("no-privileged", {"privileged": True}),
    ("no-privileged", {"privileged": "true"}),
    ("no-escalation", {"securityOpts": []}),
    ("no-escalation", {"securityOpts": None}),
    ("no-capabilities", {"capabilities": {"adds": ["NET_ADMIN"], "drops": ["ALL"]}}),
    ("no-host-mounts", {"mounts": [{"type": "bind", "source": "/srv", "target": "/srv"}]}),
    ("no-host-mounts", {"mounts": [{"type": "Bind", "source": "srv", "target": "/srv"}]}),
    ("no-host-mounts", {"mounts": [{"type": "volume", "source": "/srv", "target": "/srv"}]}),
    (
        "no-host-mounts",
        {"mounts": [{"type": "volume", "volumeOptions": {"driverOptions": {"type": "none", "device": "/srv"}}}]},
    ),
    ("no-host-mounts", {"volumes": [{"hostPath": "/srv", "containerPath": "/srv"}]}),
    ("no-host-mounts", {"volumes": [{"volumeName": "/srv", "containerPath": "/srv"}]}),
    ("no-host-mounts", {"volumes": [{"volumeName": "./srv", "containerPath": "/srv"}]}),
    ("no-host-mounts", {"volumes": [{"fromContainer": "another"}]}),
    ("no-host-namespaces", {"networkMode": "host"}),
    ("no-host-namespaces", {"networkMode": "container:another"}),
    ("no-host-namespaces", {"networksAdvanced": [{"name": "host"}]}),
    ("no-host-namespaces", {"pidMode": "host"}),
    ("no-host-namespaces", {"ipcMode": "host"}),
    ("no-host-namespaces", {"usernsMode": "host"}),
    ("no-host-namespaces", {"cgroupnsMode": "host"}),
    ("no-host-ports", {"publishAllPorts": True}),
    ("no-devices", {"devices": [{"hostPath": "/dev/kmsg"}]}),
    ("no-devices", {"gpus": "all"}),
    ("confined", {"securityOpts": ["no-new-privileges:true", "seccomp=unconfined"]}),
    ("confined", {"securityOpts": ["no-new-privileges", "apparmor:unconfined"]}),
    ("confined", {"securityOpts": ["no-new-privileges=true", "label=disable"]}),
    ("confined", {"securityOpts": ["no-new-privileges=true", "systempaths=unconfined"]}),
    ("confined", {"runtime": "another"}),
    ("no-sysctls", {"sysctls": {"net.ipv4.ip_forward": "1"}}),
]
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


@pytest.mark.parametrize(("rule", "other"), DOCKER_BREAKS)
def test_a_docker_container_breaks_the_rule_that_is_for_it(rule: str, other: Inputs) -> None:
    assert broken(DOCKER, docker(**other)) == [rule]


@pytest.mark.parametrize("path", SOCKETS)
def test_the_engines_socket_has_a_rule_of_its_own_however_it_is_mounted(path: str) -> None:
    bound = docker(mounts=[{"type": "bind", "source": path, "target": "/x"}])
    of_node = changed(POD, "containers", ("volumes",), [{"name": "x", "hostPath": {"path": path}}])
    excepted = PolicySettings(SETTINGS.gates, (PolicyException("no-host-mounts", TODAY, "x"),), SETTINGS.registries)

    for kind, inputs in ((DOCKER, bound), ("kubernetes:core/v1:Pod", of_node)):
        assert broken(kind, inputs) == ["no-host-mounts", "no-engine-socket"]
        left = judge.refusing(judge.resource(kind, inputs, excepted, TODAY))
        assert [each.rule for each in left] == ["no-engine-socket"]


@pytest.mark.parametrize("options", [["no-new-privileges"], ["no-new-privileges=true"], ["No-New-Privileges:TRUE"]])
def test_every_spelling_that_forbids_new_privileges_is_taken(options: list[str]) -> None:
    assert broken(DOCKER, docker(securityOpts=options)) == []


@pytest.mark.parametrize("options", [["no-new-privileges:false"], ["no-new-privileges=0"], ["no-new-privileges:"]])
def test_every_other_value_of_it_is_refused(options: list[str]) -> None:
    assert "no-escalation" in broken(DOCKER, docker(securityOpts=options))


ROOTS = [
    *(
        "00",
        "0:0",
        "root",
        "+0",
        " 0",
        "0 ",
        "0x0",
        "",
        None,
        "-0",
        "0:10001",
        "root:root",
        "000:1",
        "\t0",
        "0\n",
        "0.0",
    ),
    *("\u0660", "\uff10", "4294967296", "2147483648", "nobody", "toor", ":10001", "10001:", "1e0", "10001\n", True),
]


@pytest.mark.parametrize("user", ROOTS)
def test_a_user_that_is_root_or_may_be_root_is_refused_in_any_spelling(user: Any) -> None:
    assert broken(DOCKER, docker(user=user)) == ["non-root"]


@pytest.mark.parametrize("user", [0, "0", 0.0, "00", "+0", "x", False, [], -1])
def test_a_pods_user_that_is_root_or_may_be_root_is_refused_in_any_spelling(user: Any) -> None:
    pod = changed(POD, "containers", ("*", SECURITY, "runAsUser"), user)

    assert broken("kubernetes:core/v1:Pod", pod) == ["non-root"]


@pytest.mark.parametrize("user", ["1", "10001", "10001:10001", "2147483647", "10001:staff"])
def test_a_user_by_a_number_that_is_not_root_is_taken(user: str) -> None:
    assert broken(DOCKER, docker(user=user)) == []


@pytest.mark.parametrize("limit", ["0", "-1", "nan", "inf", "much", "", None, [], True])
def test_a_limit_that_limits_nothing_is_none(limit: Any) -> None:
    assert broken(DOCKER, docker(cpus=limit)) == ["limits"]
    pod = changed(POD, "containers", ("*", "resources"), {"limits": {"cpu": limit, "memory": "1Gi"}})
    assert broken("kubernetes:core/v1:Pod", pod) == ["limits"]


@pytest.mark.parametrize("memory", ["1Gi", "1e9", "128974848000m", "500M", 1 << 29, "1.5Gi"])
def test_every_spelling_of_a_quantity_is_a_limit(memory: Any) -> None:
    pod = changed(POD, "containers", ("*", "resources"), {"limits": {"cpu": "500m", "memory": memory}})

    assert broken("kubernetes:core/v1:Pod", pod) == []


def swarm(**spec: Any) -> Inputs:
    container = {"image": f"127.0.0.1:5000/x@{DIGEST}", "user": "10001", "readOnly": True, **spec}
    limits = {"limits": {"nanoCpus": 1_000_000_000, "memoryBytes": 1 << 29}}
    return {"name": "x", "taskSpec": {"containerSpec": container, "resources": limits}}


@pytest.mark.parametrize(
    ("rules", "spec"),
    [
        ([], {}),
        (["non-root"], {"user": "00"}),
        (["read-only"], {"readOnly": None}),
        (["digest-only", "known-registries"], {"image": "x:latest"}),
        (["no-plain-secrets"], {"env": {"DB_PASSWORD": "hunter2"}}),
        (["no-capabilities"], {"capAdds": ["ALL"]}),
        (["no-sysctls"], {"sysctl": {"kernel.shmmax": "1"}}),
        (
            ["no-host-mounts", "no-engine-socket"],
            {"mounts": [{"type": "bind", "source": "/run/docker.sock", "target": "/x"}]},
        ),
    ],
)
def test_a_swarms_service_is_judged_as_a_container_that_may_gain_privileges(rules: list[str], spec: Inputs) -> None:
    assert sorted(broken(SWARM, swarm(**spec))) == sorted([*rules, "no-escalation"])


def test_a_swarms_service_without_limits_or_in_its_hosts_network_is_refused() -> None:
    inputs = swarm()
    inputs["taskSpec"] |= {"resources": None, "networksAdvanceds": [{"name": "host"}]}

    assert sorted(broken(SWARM, inputs)) == ["limits", "no-escalation", "no-host-namespaces"]


VOLUME, PERSISTENT = "docker:index/volume:Volume", "kubernetes:core/v1:PersistentVolume"


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        (VOLUME, {"name": "x", "driverOpts": {"type": "none", "o": "bind", "device": "/srv"}}),
        (PERSISTENT, {"metadata": {"name": "x"}, "spec": {"hostPath": {"path": "/srv"}}}),
        (PERSISTENT, {"metadata": {"name": "x"}, "spec": {"local": {"path": "/mnt/disk"}}}),
    ],
)
def test_a_volume_that_is_a_part_of_its_host_is_a_host_mount(kind: str, inputs: Inputs) -> None:
    assert broken(kind, inputs) == ["no-host-mounts"]


@pytest.mark.parametrize("options", [None, {}, {"type": "tmpfs", "device": "tmpfs", "o": "size=100m"}])
def test_a_volume_of_the_engines_own_is_none(options: Inputs | None) -> None:
    assert broken(VOLUME, {"name": "x", "driverOpts": options}) == []


UNREADABLE = [
    "kubernetes:apps/v1:DeploymentPatch",
    "kubernetes:apps/v1:DeploymentList",
    "kubernetes:apps/v1:ControllerRevision",
    "kubernetes:batch/v1:CronJobPatch",
    "kubernetes:core/v1:PodList",
    "kubernetes:core/v1:PersistentVolumePatch",
    "kubernetes:core/v1:List",
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


def test_an_object_that_calls_itself_another_kind_is_refused() -> None:
    pod = {"apiVersion": "v1", **KINDS["kubernetes:core/v1:Pod"](POD), "kind": "CronJob"}

    assert broken("kubernetes:core/v1:Pod", pod) == ["known-kinds"]


@pytest.mark.parametrize(
    "kind",
    [
        *("core/v1:ConfigMap", "core/v1:Service", "core/v1:ConfigMapPatch", "core/v1:SecretList", "v1:Namespace"),
        *(
            "networking.k8s.io/v1:NetworkPolicy",
            "autoscaling/v2:HorizontalPodAutoscaler",
            "policy/v1:PodDisruptionBudget",
        ),
    ],
)
def test_a_kind_that_runs_nothing_is_not_judged(kind: str) -> None:
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
