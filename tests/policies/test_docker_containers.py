"""Docker's containers, a swarm's services and volumes, in every spelling of what leads out of them."""

from __future__ import annotations

from typing import Any

import pytest

from policies import docker_containers
from tests.policies.test_container_rules import DIGEST, DOCKER, broken, docker

Inputs = dict[str, Any]

SWARM = "docker:index/service:Service"

VOLUME, PERSISTENT = "docker:index/volume:Volume", "kubernetes:core/v1:PersistentVolume"

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


@pytest.mark.parametrize(("rule", "other"), DOCKER_BREAKS)
def test_a_docker_container_breaks_the_rule_that_is_for_it(rule: str, other: Inputs) -> None:
    assert broken(DOCKER, docker(**other)) == [rule]


@pytest.mark.parametrize("options", [["no-new-privileges"], ["no-new-privileges=true"], ["No-New-Privileges:TRUE"]])
def test_every_spelling_that_forbids_new_privileges_is_taken(options: list[str]) -> None:
    assert broken(DOCKER, docker(securityOpts=options)) == []


@pytest.mark.parametrize("options", [["no-new-privileges:false"], ["no-new-privileges=0"], ["no-new-privileges:"]])
def test_every_other_value_of_it_is_refused(options: list[str]) -> None:
    assert "no-escalation" in broken(DOCKER, docker(securityOpts=options))


@pytest.mark.parametrize("user", ROOTS)
def test_a_user_that_is_root_or_may_be_root_is_refused_in_any_spelling(user: Any) -> None:
    assert broken(DOCKER, docker(user=user)) == ["non-root"]


@pytest.mark.parametrize("user", ["1", "10001", "10001:10001", "2147483647", "10001:staff"])
def test_a_user_by_a_number_that_is_not_root_is_taken(user: str) -> None:
    assert broken(DOCKER, docker(user=user)) == []


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


@pytest.mark.parametrize(
    "inputs",
    [
        {"driverOpts": {"type": "tmpfs", "device": "/", "o": "bind"}},
        {"driverOpts": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,bind"}},
        {"driverOpts": {"type": "tmpfs", "device": "/srv"}},
        {"driverOpts": {"type": "nfs", "device": ":/x", "o": "addr=127.0.0.1"}},
        {"driver": "local-persist", "driverOpts": {"mountpoint": "/"}},
        {"driver": "local-persist"},
    ],
)
def test_a_volume_of_something_else_than_docker_or_memory_is_a_host_mount(inputs: dict[str, Any]) -> None:
    assert docker_containers.volume_paths({"name": "v", **inputs})
    mount = {"target": "/x", "type": "volume", "source": "v"}
    options = {"driverName": inputs.get("driver", ""), "driverOptions": inputs.get("driverOpts", {})}
    assert list(docker_containers._mounted([{**mount, "volumeOptions": options}]))


@pytest.mark.parametrize(
    "inputs",
    [{}, {"driver": "local"}, {"driverOpts": {"type": "tmpfs", "device": "tmpfs", "o": "size=1m,uid=1,mode=0700"}}],
)
def test_a_volume_of_dockers_own_or_of_memory_is_no_host_mount(inputs: dict[str, Any]) -> None:
    assert docker_containers.volume_paths({"name": "v", **inputs}) == ()
