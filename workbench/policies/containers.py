"""What an engine's resources run, read into one form that the rules judge, and which kinds can be read at all. Pure.

Another engine is another set of readers. A kind of docker's or Kubernetes' that is neither read nor known to run
nothing may run anything, so it is refused; so is an object of another apiVersion or kind than its type's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from workbench.policies import docker_containers, kubernetes_pods, shapes
from workbench.policies.container import Container, Inputs
from workbench.policies.unknown import UNKNOWN

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
_SHAPES: Final[Mapping[object, object]] = {
    "docker:index/container:Container": shapes.CONTAINER,
    "docker:index/service:Service": shapes.SWARM_SERVICE,
    "docker:index/volume:Volume": shapes.VOLUME,
    **dict.fromkeys(_KUBERNETES, shapes.WORKLOAD),
    ("batch", "CronJob"): shapes.CRON_JOB,
    ("core", "Pod"): shapes.POD,
    ("core", "PodTemplate"): shapes.POD_TEMPLATE,
    ("core", "PersistentVolume"): shapes.PERSISTENT_VOLUME,
}
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
    """Whether rules have a say in a type of resource: in all of docker's and Kubernetes'."""
    return kind.startswith(_JUDGED)


def is_readable(kind: str, inputs: Inputs) -> bool:
    """Whether what a judged resource runs can be read, or it runs nothing.

    A cluster makes what an object's own apiVersion and kind say: where these are not its type's, nobody knows what.
    """
    key = _key(kind)
    if key not in _SHAPES and key not in _RUN_NOTHING:
        return False
    if (match := _TOKEN.fullmatch(kind)) is None:
        return True
    version = f"{match['group']}/{match['version']}" if match["group"] not in (None, "core") else match["version"]
    return _agrees(inputs.get("apiVersion"), version) and _agrees(inputs.get("kind"), match["kind"])


def unreadable(kind: str, inputs: Inputs) -> list[str]:
    """The fields of a resource that have another type than its reader expects."""
    return list(shapes.unreadable(inputs, _SHAPES.get(_key(kind), {})))


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


def _agrees(told: object, expected: str) -> bool:
    return told is None or told is UNKNOWN or told == expected


def _key(kind: str) -> str | tuple[str, str]:
    """A Kubernetes kind's group and name, whatever the version; any other type as it is."""
    match = _TOKEN.fullmatch(kind)
    return (match["group"] or "core", match["kind"]) if match else kind
