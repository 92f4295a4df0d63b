"""The types that the readers expect of each field they read; a field of another type can't be judged. Pure.

A shape is PLAIN for a text, number or truth value; a list of one shape for a list of such; a mapping of fields to
shapes for a mapping, where EVERY stands for all fields. A field without a shape is not read, or its rule refuses each
value that it does not know.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from workbench.policies.secrets import MASK
from workbench.policies.unknown import UNKNOWN

PLAIN, EVERY = "plain", "*"
_BOOKKEEPING = "__defaults"  # the engine's own, in what a preview tells
_TYPES: Final = {Mapping: "a mapping", list: "a list", tuple: "a list", str: "a text", int: "a number"}

TEXTS: Final = {EVERY: PLAIN}
VOLUME: Final = {"driver": PLAIN, "driverOpts": TEXTS}
_MOUNTS: Final = [
    {"type": PLAIN, "source": PLAIN, "volumeOptions": {"driverName": PLAIN, "driverOptions": TEXTS}},
]
_LABELS: Final = [{"label": PLAIN, "value": PLAIN}]
_NETWORKS: Final = [{"name": PLAIN}]
CONTAINER: Final = {
    "name": PLAIN,
    "securityOpts": [PLAIN],
    "labels": _LABELS,
    "envs": [PLAIN],
    "capabilities": {"adds": [PLAIN], "drops": [PLAIN]},
    "mounts": _MOUNTS,
    "volumes": [dict.fromkeys(("hostPath", "volumeName", "fromContainer"), PLAIN)],
    **dict.fromkeys(("networkMode", "pidMode", "ipcMode", "usernsMode", "cgroupnsMode", "utsMode"), PLAIN),
    "networksAdvanced": _NETWORKS,
    "sysctls": TEXTS,
    "groupAdds": [PLAIN],
    "uploads": [{"file": PLAIN, "permissions": PLAIN}],
    "ports": [{"ip": PLAIN, "external": PLAIN}],
}
_FILES: Final = [{"fileName": PLAIN, "fileMode": PLAIN}]
SWARM_SERVICE: Final = {
    "name": PLAIN,
    "labels": _LABELS,
    "taskSpec": {
        "containerSpec": {
            "labels": _LABELS,
            "env": TEXTS,
            "capAdds": [PLAIN],
            "mounts": _MOUNTS,
            "groups": [PLAIN],
            "configs": _FILES,
            "secrets": _FILES,
            "sysctl": TEXTS,
        },
        "networksAdvanceds": _NETWORKS,
        "resources": {"limits": {}},
    },
    "endpointSpec": {"ports": [{"publishedPort": PLAIN, "targetPort": PLAIN}]},
}

_SECURITY: Final = {
    "capabilities": {"add": [PLAIN], "drop": [PLAIN]},
    "seccompProfile": {"type": PLAIN},
    "appArmorProfile": {"type": PLAIN},
    "procMount": PLAIN,
    "seLinuxOptions": TEXTS,
    "windowsOptions": {"hostProcess": PLAIN},
    "sysctls": [{"name": PLAIN}],
    "supplementalGroups": [PLAIN],
}
_OF_POD: Final = [
    {
        "name": PLAIN,
        "securityContext": _SECURITY,
        "resources": {"limits": {}},
        "env": [{"name": PLAIN, "value": PLAIN}],
        "ports": [{"hostPort": PLAIN}],
    }
]
_METADATA: Final = {"name": PLAIN, "labels": TEXTS, "annotations": TEXTS}
POD: Final[Mapping[str, Any]] = {
    "metadata": _METADATA,
    "spec": {
        **dict.fromkeys(("containers", "initContainers", "ephemeralContainers"), _OF_POD),
        "securityContext": _SECURITY,
        "volumes": [{"name": PLAIN, "hostPath": {"path": PLAIN}}],
    },
}
WORKLOAD: Final = {"metadata": _METADATA, "spec": {"template": POD}}
CRON_JOB: Final = {"metadata": _METADATA, "spec": {"jobTemplate": {"metadata": _METADATA, "spec": {"template": POD}}}}
POD_TEMPLATE: Final = {"metadata": _METADATA, "template": POD}
PERSISTENT_VOLUME: Final = {
    "metadata": _METADATA,
    "spec": {"hostPath": {"path": PLAIN}, "local": {"path": PLAIN}},
}


def unreadable(value: object, shape: object, path: str = "") -> Iterator[str]:
    """Each field of another type than its shape: `mounts is a mapping, not a list`. Repeats no value."""
    if value is None or value is UNKNOWN or value == MASK:
        return
    if isinstance(shape, list):
        yield from (
            _elements(value, shape[0], path) if isinstance(value, list | tuple) else [_told(path, value, "a list")]
        )
    elif isinstance(shape, Mapping):
        yield from _fields(value, shape, path) if isinstance(value, Mapping) else [_told(path, value, "a mapping")]
    elif not isinstance(value, str | int | float):
        yield _told(path, value, "a text or number")


def _elements(values: Iterable[object], shape: object, path: str) -> Iterator[str]:
    for place, element in enumerate(values):
        if element is None:
            yield f"{ascii(path)[1:-1]}[{place}] is empty"
        yield from unreadable(element, shape, f"{path}[{place}]")


def _fields(values: Mapping[str, object], shapes: Mapping[str, object], path: str) -> Iterator[str]:
    for key, inner in values.items():
        if key != _BOOKKEEPING and (expected := shapes.get(key, shapes.get(EVERY))) is not None:
            yield from unreadable(inner, expected, f"{path}.{key}" if path else str(key))


def _told(path: str, value: object, expected: str) -> str:
    kind = next((name for of, name in _TYPES.items() if isinstance(value, of)), type(value).__name__)
    return f"{ascii(path)[1:-1]} is {kind}, not {expected}"
