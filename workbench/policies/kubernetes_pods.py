"""Reads Kubernetes' workloads: whatever holds the template of a pod, and volumes of a node's own disk. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from workbench.policies.container import Container, Escapes, Inputs, is_set, items, mapping, mappings, named, number
from workbench.policies.docker_containers import SERVICE_LABEL
from workbench.policies.unknown import UNKNOWN

_QUANTITY = re.compile(r"\+?([0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]{1,3})|([EPTGMk]i?|Ki|[mun])?)")
_SCALE = {"n": 1e-9, "u": 1e-6, "m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_SCALE |= {f"{letter}i": 1024.0**power for power, letter in enumerate("KMGTPE", 1)}
_MIB = 1 << 20
_OF_CONTAINERS = ("initContainers", "containers", "ephemeralContainers")
_PROFILES = re.compile(
    r"(container\.apparmor\.security\.beta|seccomp\.security\.alpha|container\.seccomp.*)\.kubernetes\.io/.*"
)
_DEFAULT_PROFILES = ("runtime/default", "docker/default")
_SELINUX_TYPES = ("container_t", "container_init_t", "container_kvm_t")


# Sources of a pod's volume that the cluster itself makes; all others are a host's, or a file system of somebody's.
_OWN_SOURCES = {"configMap", "downwardAPI", "downwardApi", "emptyDir", "ephemeral", "persistentVolumeClaim", "secret"}
_OWN_SOURCES |= {"projected", "name"}
_OF_VOLUME = {"accessModes", "capacity", "claimRef", "mountOptions", "nodeAffinity", "persistentVolumeReclaimPolicy"}
_OF_VOLUME |= {"storageClassName", "volumeAttributesClassName", "volumeMode"}


def workload(inputs: Inputs) -> Iterator[Container]:
    """Deployment and its like, and Job: `spec.template` is a pod's."""
    spec = mapping(inputs.get("spec"))
    copies = spec.get("replicas", spec.get("parallelism", 1))
    yield from _pod(mapping(inputs.get("metadata")), mapping(spec.get("template")), _count(copies))


def cron_job(inputs: Inputs) -> Iterator[Container]:
    job = mapping(mapping(inputs.get("spec")).get("jobTemplate"))
    spec = mapping(job.get("spec"))
    yield from _pod(mapping(inputs.get("metadata")), mapping(spec.get("template")), _count(spec.get("parallelism", 1)))


def pod(inputs: Inputs) -> Iterator[Container]:
    yield from _pod(mapping(inputs.get("metadata")), inputs)


def pod_template(inputs: Inputs) -> Iterator[Container]:
    """It runs nothing by itself."""
    yield from _pod(mapping(inputs.get("metadata")), mapping(inputs.get("template")), 0)


def volume_paths(inputs: Inputs) -> tuple[str, ...]:
    """What of a node's disk, or of whose file system, a PersistentVolume is made."""
    return tuple(_paths(mapping(inputs.get("spec")), _OF_VOLUME))


def _pod(metadata: Inputs, template: Inputs, copies: int = 1) -> Iterator[Container]:
    of_template = mapping(template.get("metadata"))
    labels = {**mapping(metadata.get("labels")), **mapping(of_template.get("labels"))}
    spec = mapping(template.get("spec"))
    of_all = mapping(spec.get("securityContext"))
    shared = _of_pod(spec, of_all, {**mapping(metadata.get("annotations")), **mapping(of_template.get("annotations"))})
    for own in (each for kind in _OF_CONTAINERS for each in mappings(spec.get(kind))):
        security = {
            **of_all,
            **{key: value for key, value in mapping(own.get("securityContext")).items() if value is not None},
        }
        limits = mapping(mapping(own.get("resources")).get("limits"))
        yield Container(
            name=f"{metadata.get('name', 'without a name')}/{own.get('name', '')}",
            service=labels.get(SERVICE_LABEL),
            image=own.get("image"),
            user=_user(security),
            read_only=security.get("readOnlyRootFilesystem", False),
            cpu=_quantity(limits.get("cpu"), 1),
            memory=_quantity(limits.get("memory"), _MIB),
            environment={
                str(one.get("name")): one.get("value")
                for one in mappings(own.get("env"))
                if one.get("value") is not None
            },
            groups=tuple(_groups(security)),
            escapes=shared | _of_container(own, mapping(own.get("securityContext"))),
            copies=copies,
        )


def _of_pod(spec: Inputs, security: Inputs, annotations: Inputs) -> Escapes:
    """What all containers of a pod have in common."""
    return Escapes(
        privileged=_host_process(security),
        host_paths=tuple(path for each in mappings(spec.get("volumes")) for path in _paths(each, _OWN_SOURCES)),
        host_namespaces=named(spec, "hostNetwork", "hostPID", "hostPid", "hostIPC", "hostIpc"),
        devices=named(spec, "resourceClaims"),
        unconfined=(
            *_profiles(security),
            *(
                str(key)
                for key, value in annotations.items()
                if _PROFILES.fullmatch(str(key)) and value is not UNKNOWN and value not in _DEFAULT_PROFILES
            ),
        ),
        sysctls=tuple(str(each.get("name")) for each in mappings(security.get("sysctls"))),
    )


def _of_container(own: Inputs, security: Inputs) -> Escapes:
    may_gain = security.get("allowPrivilegeEscalation", True)
    return Escapes(
        privileged=(*named(security, "privileged"), *_host_process(security)),
        escalation=() if may_gain is UNKNOWN or may_gain is False else ("no allowPrivilegeEscalation: false",),
        capabilities=tuple(str(each) for each in items(mapping(security.get("capabilities")).get("add"))),
        host_ports=tuple(str(each["hostPort"]) for each in mappings(own.get("ports")) if is_set(each.get("hostPort"))),
        devices=named(own, "volumeDevices"),
        unconfined=tuple(_profiles(security)),
    )


def _host_process(security: Inputs) -> tuple[str, ...]:
    return named(mapping(security.get("windowsOptions")), "hostProcess")


def _profiles(security: Inputs) -> Iterator[str]:
    """What confines less than a cluster does by default."""
    for key in ("seccompProfile", "appArmorProfile"):
        kind = mapping(security.get(key)).get("type")
        if is_set(kind) and kind != "RuntimeDefault":
            yield f"{key} {kind}"
    if is_set(kind := security.get("procMount")) and kind != "Default":
        yield f"procMount {kind}"
    linux = mapping(security.get("seLinuxOptions"))
    if is_set(kind := linux.get("type")) and kind not in _SELINUX_TYPES:
        yield f"seLinuxOptions.type {kind}"
    yield from (f"seLinuxOptions.{key}" for key in named(linux, "user", "role"))


def _paths(volume: Inputs, harmless: set[str]) -> Iterator[str]:
    """What a volume is made of, by each of its keys that is not harmless: the path on a node, else the key itself."""
    for key, source in volume.items():
        if source is not None and source is not UNKNOWN and key not in harmless and not key.startswith("__"):
            yield str(mapping(source).get("path") or key) if key in ("hostPath", "local") else key


def _groups(security: Inputs) -> Iterator[Any]:
    for group in (security.get("runAsGroup"), security.get("fsGroup"), *items(security.get("supplementalGroups"))):
        if group is not None:
            yield _whole(group)


def _user(security: Inputs) -> Any:  # noqa: ANN401 - a text or UNKNOWN
    user = security.get("runAsUser")
    if user is UNKNOWN:
        return user
    if user is not None:
        return _whole(user)
    wants = security.get("runAsNonRoot")
    return UNKNOWN if wants is True or wants is UNKNOWN else None  # True: the cluster itself refuses root


def _whole(number: object) -> Any:  # noqa: ANN401 - a text or UNKNOWN
    if number is UNKNOWN:
        return number
    return str(int(number)) if isinstance(number, float) and number.is_integer() else str(number)


def _count(copies: object) -> int:
    return int(copies) if isinstance(copies, int | float) else 1


def _quantity(value: object, unit: float) -> Any:  # noqa: ANN401 - a number, None or UNKNOWN
    """A limit in units; None of what limits nothing."""
    if not isinstance(value, str):
        found = number(value)
    elif match := _QUANTITY.fullmatch(value.strip()):
        found = number(float(match[1]) * (10.0 ** int(match[2]) if match[2] else _SCALE.get(match[3] or "", 1)))
    else:
        found = None
    return found / unit if isinstance(found, float) else found
