"""Docker's containers, a swarm's services and volumes, in every spelling of what leads out of them."""

from __future__ import annotations

from typing import Any

import pytest

from tests.policies.test_container_rules import DIGEST, DOCKER, TODAY, broken, docker
from workbench.policies import docker_containers, judge, settings
from workbench.policies.settings import PolicySettings

Inputs = dict[str, Any]

SWARM = "docker:index/service:Service"

VOLUME, PERSISTENT = "docker:index/volume:Volume", "kubernetes:core/v1:PersistentVolume"

DOCKER_BREAKS: list[tuple[str, Inputs]] = [
    ("no-privileged", {"privileged": True}),
    ("no-privileged", {"privileged": "true"}),
    ("no-escalation", {"securityOpts": []}),
    ("no-escalation", {"securityOpts": None}),
    ("no-escalation", {"uploads": [{"file": "/x", "content": "", "permissions": "4755"}]}),
    ("no-escalation", {"uploads": [{"file": "/x", "content": "", "permissions": "02755"}]}),
    ("no-escalation", {"uploads": [{"file": "/x", "content": "", "permissions": 6755.0}]}),
    ("non-root", {"user": "10001:0"}),
    ("non-root", {"user": "10001:root"}),
    ("non-root", {"groupAdds": ["10001", "0"]}),
    ("non-root", {"groupAdds": ["root"]}),
    ("limits", {"memorySwap": -1}),
    ("limits", {"memorySwap": 1 << 40}),
    ("limits", {"memorySwap": "much"}),
    ("limits", {"memory": 1 << 40}),
    ("limits", {"memory": -512}),
    ("limits", {"cpus": "100000"}),
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
    ("no-host-ports", {"ports": [{"internal": 8080, "external": 9000}]}),
    ("no-host-ports", {"ports": [{"internal": 8080, "external": 9000, "ip": "0.0.0.0"}]}),  # noqa: S104 - judged alone
    ("no-host-ports", {"ports": [{"internal": 8080, "ip": "::"}]}),
    ("no-host-ports", {"ports": [{"internal": 8080, "external": 9000, "ip": "10.0.0.7"}]}),
    ("no-host-ports", {"ports": [{"internal": 8080, "external": 9000, "ip": "host"}]}),
    ("no-devices", {"devices": [{"hostPath": "/dev/kmsg"}]}),
    ("no-devices", {"gpus": "all"}),
    ("confined", {"securityOpts": ["no-new-privileges:true", "seccomp=unconfined"]}),
    ("confined", {"securityOpts": ["no-new-privileges", "apparmor:unconfined"]}),
    ("confined", {"securityOpts": ["no-new-privileges=true", "label=disable"]}),
    ("confined", {"securityOpts": ["no-new-privileges=true", "systempaths=unconfined"]}),
    ("confined", {"securityOpts": ["no-new-privileges=true", "seccomp=/srv/profile.json"]}),
    ("confined", {"securityOpts": ["no-new-privileges=true", "apparmor=of-the-host"]}),
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


@pytest.mark.parametrize("user", ["1", "10001", "10001:10001", "2147483647", "10001:1"])
def test_a_user_by_a_number_that_is_not_root_is_taken(user: str) -> None:
    assert broken(DOCKER, docker(user=user)) == []


@pytest.mark.parametrize("group", ["00", "staff", "", " 0", "2147483648", "0x0", "1:0"])
def test_a_group_that_is_or_may_be_roots_is_refused_in_any_spelling(group: str) -> None:
    assert broken(DOCKER, docker(user=f"10001:{group}")) == ["non-root"]
    assert broken(DOCKER, docker(groupAdds=[group])) == ["non-root"]


@pytest.mark.parametrize(
    "other",
    [
        {"ports": [{"internal": 8080, "external": 9000, "ip": "127.0.0.1"}]},
        {"ports": [{"internal": 8080, "external": 9000, "ip": "::1"}]},
        {"memorySwap": 512},
        {"memorySwap": 1024.0},
        {"memory": 1 << 20, "cpus": "256.0"},
        {"groupAdds": ["10002"]},
        {"uploads": [{"file": "/x", "content": "", "permissions": "0755"}]},
        {"securityOpts": ["no-new-privileges", "apparmor=docker-default", "seccomp=builtin"]},
    ],
)
def test_what_stays_on_the_host_and_within_bounds_is_taken(other: Inputs) -> None:
    assert broken(DOCKER, docker(**other)) == []


@pytest.mark.parametrize("address", ["0.0.0.0", "10.0.0.7", "::"])  # noqa: S104 - judged alone
def test_the_one_port_that_the_stacks_file_opens_may_be_published_there_and_no_other(address: str) -> None:
    opened = settings.parse("here:", {"gatewayAddress": address, "gatewayPort": "8080"}, TODAY)

    def published(port: float, ip: str = address) -> list[str]:
        return broken(DOCKER, docker(image=f"127.0.0.1:5000/x@{DIGEST}", ports=[{"external": port, "ip": ip}]), opened)

    assert published(8080) == published(8080.0) == []
    assert published(8081) == published(8080, "10.0.0.8") == ["no-host-ports"]


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
        (["non-root"], {"user": "10001:0"}),
        (["non-root"], {"groups": ["0"]}),
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


def test_a_swarms_service_that_publishes_a_port_opens_it_on_every_node() -> None:
    inputs = {**swarm(), "endpointSpec": {"ports": [{"targetPort": 8080, "publishedPort": 80}]}}

    assert sorted(broken(SWARM, inputs)) == ["no-escalation", "no-host-ports"]


def test_a_swarms_file_that_sets_the_user_is_told_with_its_mode() -> None:
    inputs = swarm(configs=[{"fileName": "/x", "fileMode": 0o4755}, {"fileName": "/y", "fileMode": 0o644}])

    [found] = judge.resource(SWARM, inputs, PolicySettings(), TODAY)
    assert "file /x with mode 2541)" in found.line()


@pytest.mark.parametrize(
    ("kind", "inputs"),
    [
        (VOLUME, {"name": "x", "driverOpts": {"type": "none", "o": "bind", "device": "/srv"}}),
        (PERSISTENT, {"metadata": {"name": "x"}, "spec": {"hostPath": {"path": "/srv"}}}),
        (PERSISTENT, {"metadata": {"name": "x"}, "spec": {"local": {"path": "/mnt/disk"}}}),
        (PERSISTENT, {"metadata": {"name": "x"}, "spec": {"nfs": {"server": "files", "path": "/"}}}),
        (PERSISTENT, {"metadata": {"name": "x"}, "spec": {"csi": {"driver": "any", "volumeHandle": "x"}}}),
        (PERSISTENT, {"metadata": {"name": "x"}, "spec": {"flexVolume": {"driver": "any"}, "capacity": {}}}),
    ],
)
def test_a_volume_that_is_a_part_of_its_host_or_of_others_is_a_host_mount(kind: str, inputs: Inputs) -> None:
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
