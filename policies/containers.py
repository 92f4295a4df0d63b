"""What an engine's resources run, read into one form that the rules judge, and which kinds can be read at all. Pure.

Another engine is another set of readers. A kind of docker's or Kubernetes' that is neither read nor known to run
nothing may run anything, so it is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from policies import docker_containers, kubernetes_pods
from policies.container import Container, Inputs

Reader = Callable[[Inputs], Iterator[Container]]
_TOKEN = re.compile(r"kubernetes:(?:(?P<group>[^/]+)/)?(?P<version>[^/:]+):(?P<kind>[^:]+)")
_JUDGED = ("docker:", "kubernetes:")
_DOCKER: Final[Mapping[str, Reader]] = {
    "docker:index/container:Container": docker_containers.container,
    "docker:index/service:Service": docker_containers.swarm_service,
}
_KUBERNETES: Final[Mapping[tuple[str, str], Reader]] = {
    **{
        (group, kind): kubernetes_pods.workload
        for group in ("apps", "extensions")
        for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet")
    },
    ("batch", "Job"): kubernetes_pods.workload,
    ("batch", "CronJob"): kubernetes_pods.cron_job,
    ("core", "ReplicationController"): kubernetes_pods.workload,
    ("core", "Pod"): kubernetes_pods.pod,
    ("core", "PodTemplate"): kubernetes_pods.pod_template,
}
_VOLUMES: Final = ("docker:index/volume:Volume", ("core", "PersistentVolume"))
_RUN_NOTHING: Final[frozenset[object]] = frozenset(
    (
        *(
            f"docker:index/{name}:{name[0].upper()}{name[1:]}"
            for name in ("image", "network", "registryImage", "remoteImage", "secret", "serviceConfig", "tag")
        ),
        *(
            (group, kind)
            for group, kinds in {
                "core": "ConfigMap Endpoints LimitRange Namespace PersistentVolumeClaim ResourceQuota Secret Service "
                "ServiceAccount",
                "apiextensions.k8s.io": "CustomResourceDefinition",
                "autoscaling": "HorizontalPodAutoscaler",
                "coordination.k8s.io": "Lease",
                "discovery.k8s.io": "EndpointSlice",
                "networking.k8s.io": "Ingress IngressClass NetworkPolicy",
                "policy": "PodDisruptionBudget",
                "rbac.authorization.k8s.io": "ClusterRole ClusterRoleBinding Role RoleBinding",
                "scheduling.k8s.io": "PriorityClass",
                "storage.k8s.io": "StorageClass",
            }.items()
            for kind in kinds.split()
        ),
    )
)
READ: Final = ", ".join(
    ["docker's Container and Service", *dict.fromkeys(kind for _, kind in _KUBERNETES), "PersistentVolume"]
)


def is_judged(kind: str) -> bool:
    """Whether rules have a say in a type of resource: all of docker's and Kubernetes' but those that run nothing."""
    return kind.startswith(_JUDGED) and not _runs_nothing(kind)


def is_readable(kind: str, inputs: Inputs) -> bool:
    """Whether what a judged resource runs can be read. An object that calls itself another kind can't."""
    key = _key(kind)
    if key not in _DOCKER and key not in _KUBERNETES and key not in _VOLUMES:
        return False
    match = _TOKEN.fullmatch(kind)
    return match is None or inputs.get("kind") in (None, match["kind"])


def containers(kind: str, inputs: Inputs) -> list[Container]:
    """The containers of a resource; empty of a resource that runs none. `inputs` are spelt as the engine does."""
    key = _key(kind)
    reader = _DOCKER.get(key) if isinstance(key, str) else _KUBERNETES.get(key)
    return list(reader(inputs)) if reader else []


def host_paths(kind: str, inputs: Inputs) -> tuple[str, ...]:
    """What of its host a volume is made of; empty of a resource that is none."""
    key = _key(kind)
    if key not in _VOLUMES:
        return ()
    return docker_containers.volume_paths(inputs) if isinstance(key, str) else kubernetes_pods.volume_paths(inputs)


def _runs_nothing(kind: str) -> bool:
    key = _key(kind)
    if isinstance(key, str):
        return key in _RUN_NOTHING
    group, name = key
    return any((group, name.removesuffix(end)) in _RUN_NOTHING for end in ("", "Patch", "List"))


def _key(kind: str) -> str | tuple[str, str]:
    """A Kubernetes kind's group and name, whatever the version; any other type as it is."""
    match = _TOKEN.fullmatch(kind)
    return (match["group"] or "core", match["kind"]) if match else kind
