"""Reads docker's own resources: a container, a service of a swarm, a volume. Pure."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator
from typing import Any

from workbench.policies.container import Container, Escapes, Inputs, is_set, items, mapping, mappings, named, number
from workbench.policies.unknown import UNKNOWN

SERVICE_LABEL = "workbench.service"
_VOLUME_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_OPTION = re.compile(r"[=:]")
_NO_ESCALATION = ("no-new-privileges", "true")
_SHARED = re.compile(r"\s*(host|container:.*|ns:.*)\s*", re.IGNORECASE | re.DOTALL)
_PER_CORE, _MIB = 1e9, 1 << 20
_PLAIN_MODE = re.compile(r"0*[0-7]{1,3}")
_MODES = 0o777
_TMPFS_WORDS = {"", "size", "mode", "uid", "gid", "nr_inodes", "noexec", "nosuid", "nodev", "noatime", "ro", "rw"}


def container(inputs: Inputs) -> Iterator[Container]:
    options = [_option(str(each)) for each in items(inputs.get("securityOpts")) if each is not UNKNOWN]
    has_unknown = inputs.get("securityOpts") is UNKNOWN or UNKNOWN in items(inputs.get("securityOpts"))
    yield Container(
        name=str(inputs.get("name") or "without a name"),
        service=_labels(inputs.get("labels")).get(SERVICE_LABEL),
        image=inputs.get("image"),
        user=inputs.get("user"),
        read_only=inputs.get("readOnly", False),
        cpu=number(inputs.get("cpus")),
        memory=number(inputs.get("memory")),
        environment=dict(str(each).split("=", 1) for each in items(inputs.get("envs")) if "=" in str(each)),
        groups=(*_own_group(inputs.get("user")), *items(inputs.get("groupAdds"))),
        swap=_swap(inputs.get("memorySwap")),
        escapes=Escapes(
            privileged=named(inputs, "privileged"),
            escalation=(
                *(() if has_unknown or _NO_ESCALATION in options else ("no no-new-privileges",)),
                *_set_id(inputs.get("uploads")),
            ),
            capabilities=tuple(str(each) for each in items(mapping(inputs.get("capabilities")).get("adds"))),
            host_paths=(*_mounted(inputs.get("mounts")), *_bound(inputs.get("volumes"))),
            host_namespaces=(
                *(
                    key
                    for key in ("networkMode", "pidMode", "ipcMode", "usernsMode", "cgroupnsMode", "utsMode")
                    if is_set(inputs.get(key)) and _SHARED.fullmatch(str(inputs[key]))
                ),
                *_host_networks(inputs.get("networksAdvanced")),
            ),
            host_ports=(*named(inputs, "publishAllPorts"), *_published(inputs.get("ports"))),
            devices=named(inputs, "devices", "deviceCgroupRules", "deviceRequests", "gpus"),
            unconfined=(
                *(f"{name}={value}" for name, value in options if not _is_confining(name, value)),
                *named(inputs, "runtime", "cgroupParent"),
            ),
            sysctls=tuple(str(key) for key in mapping(inputs.get("sysctls"))),
        ),
    )


def swarm_service(inputs: Inputs) -> Iterator[Container]:
    """A swarm's tasks: the provider has no way to forbid new privileges there."""
    task = mapping(inputs.get("taskSpec"))
    spec, limits = mapping(task.get("containerSpec")), mapping(mapping(task.get("resources")).get("limits"))
    if not spec and UNKNOWN in (inputs.get("taskSpec"), task.get("containerSpec")):
        return
    labels = {**_labels(inputs.get("labels")), **_labels(spec.get("labels"))}
    copies = mapping(mapping(inputs.get("mode")).get("replicated")).get("replicas", 1)
    cpu, memory = number(limits.get("nanoCpus")), number(limits.get("memoryBytes"))
    yield Container(
        name=str(inputs.get("name") or "without a name"),
        service=labels.get(SERVICE_LABEL),
        image=spec.get("image"),
        user=spec.get("user"),
        read_only=spec.get("readOnly", False),
        cpu=cpu / _PER_CORE if isinstance(cpu, float) else cpu,
        memory=memory / _MIB if isinstance(memory, float) else memory,
        environment=mapping(spec.get("env")),
        groups=(*_own_group(spec.get("user")), *items(spec.get("groups"))),
        escapes=Escapes(
            escalation=("no no-new-privileges", *_set_id_files(spec.get("configs"), spec.get("secrets"))),
            capabilities=tuple(str(each) for each in items(spec.get("capAdds"))),
            host_paths=tuple(_mounted(spec.get("mounts"))),
            host_namespaces=tuple(_host_networks(task.get("networksAdvanceds"))),
            host_ports=tuple(
                f"{_number(port.get('publishedPort'))} of every node"
                for port in mappings(mapping(inputs.get("endpointSpec")).get("ports"))
            ),
            unconfined=(*named(spec, "privileges"), *named(task, "runtime")),
            sysctls=tuple(str(key) for key in mapping(spec.get("sysctl"))),
        ),
        copies=int(copies) if isinstance(copies, int | float) else 1,
    )


def volume_paths(inputs: Inputs) -> tuple[str, ...]:
    """What of the host a volume is made of: nothing, unless its driver's options name it."""
    return tuple(_device(inputs.get("driver"), inputs.get("driverOpts")))


def _own_group(user: object) -> list[str]:
    _, colon, group = str(user).partition(":")
    return [group] if colon else []


def _swap(value: object) -> Any:  # noqa: ANN401 - a number, None or UNKNOWN
    """What the container says of memory and swap together; infinite where it limits neither."""
    if value is UNKNOWN:
        return value
    if not is_set(value):
        return None
    found = number(value)
    return float("inf") if found is None else found


def _set_id(uploads: object) -> Iterator[str]:
    """Files that come with more than the plain permissions to read, write and run."""
    for upload in mappings(uploads):
        mode = upload.get("permissions")
        if is_set(mode) and not _PLAIN_MODE.fullmatch(str(mode)):
            yield f"file {upload.get('file')} with mode {mode}"


def _set_id_files(*groups: object) -> Iterator[str]:
    for file in (file for group in groups for file in mappings(group)):
        mode = file.get("fileMode")
        if is_set(mode) and not (isinstance(mode, int | float) and 0 <= mode <= _MODES):
            yield f"file {file.get('fileName')} with mode {mode}"


def _published(ports: object) -> Iterator[str]:
    """Ports that others than the host itself reach."""
    for port in mappings(ports):
        address = port.get("ip")
        if address is UNKNOWN:
            continue
        where = str(address) if is_set(address) else "0.0.0.0"  # noqa: S104 - what docker takes without a word
        if not _is_loopback(where):
            yield f"{where}:{_number(port.get('external'))}"


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _number(port: object) -> str:
    if not is_set(port):
        return "any"
    return str(int(port)) if isinstance(port, float) and port.is_integer() else str(port)


def _labels(labels: object) -> dict[str, str]:
    return {str(each.get("label")): str(each.get("value")) for each in mappings(labels)}


def _mounted(mounts: object) -> Iterator[str]:
    for each in mappings(mounts):
        source = each.get("source")
        if each.get("type") not in ("volume", "tmpfs", UNKNOWN) or (is_set(source) and not _is_volume(source)):
            yield str(source or each.get("type"))
        volume = mapping(each.get("volumeOptions"))
        yield from _device(volume.get("driverName"), volume.get("driverOptions"))


def _bound(volumes: object) -> Iterator[str]:
    for each in mappings(volumes):
        if is_set(each.get("hostPath")):
            yield str(each["hostPath"])
        if is_set(each.get("volumeName")) and not _is_volume(each["volumeName"]):
            yield str(each["volumeName"])
        if is_set(each.get("fromContainer")):
            yield f"all that {each['fromContainer']} mounts"


def _device(driver: object, options: object) -> Iterator[str]:
    """What a volume is made of, unless it is docker's own or memory: a bind ignores the type that it is given."""
    found = mapping(options)
    if is_set(driver) and driver is not UNKNOWN and driver != "local":
        yield f"what the driver {driver} mounts"
    elif found and not _is_memory(found):
        yield str(found.get("device") or f"what {', '.join(map(str, sorted(found)))} name")


def _is_memory(options: Inputs) -> bool:
    """Whether the local driver makes a tmpfs of these options, and nothing else."""
    if not options.keys() <= {"type", "device", "o"} or options.get("type") != "tmpfs":
        return False
    words = {each.partition("=")[0].strip() for each in str(options.get("o") or "").split(",")}
    return options.get("device") in ("tmpfs", "none") and words <= _TMPFS_WORDS


def _is_volume(name: object) -> bool:
    return name is UNKNOWN or _VOLUME_NAME.fullmatch(str(name)) is not None


def _host_networks(networks: object) -> Iterator[str]:
    for each in mappings(networks):
        if str(each.get("name")).strip().lower() == "host":
            yield "network host"


def _option(text: str) -> tuple[str, str]:
    name, value = (*_OPTION.split(text, maxsplit=1), "true")[:2]
    return name.strip().lower(), value.strip().lower()


def _is_confining(name: str, value: str) -> bool:
    """Whether a security option leaves the engine's own confinement as it is, or makes it tighter."""
    return (
        (name, value) == _NO_ESCALATION
        or (name == "seccomp" and value == "builtin")
        or (name == "apparmor" and value == "docker-default")
    )
