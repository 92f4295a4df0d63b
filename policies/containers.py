"""Containers as an engine's resources declare them, read into one form that the rules judge. Pure.

`READERS` is by the resource's type; another engine is another reader.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from policies.unknown import UNKNOWN

Inputs = Mapping[str, Any]
_SERVICE = "workbench.service"
_QUANTITY = re.compile(r"([0-9.]+)([EPTGMk]i?|m)?")
_SCALE = {"m": 1e-3, "k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12, "P": 1e15, "E": 1e18}
_SCALE |= {f"{letter.upper()}i": 1024.0**power for power, letter in enumerate("kMGTPE", 1)}
_SCALE["ki"] = 1024.0
_MIB = 1 << 20


@dataclass(frozen=True, kw_only=True)
class Container:
    """One container of one resource, `copies` times. `cpu` in cores, `memory` in MiB; None is no limit.

    `service` is None of the stack's own machinery. Any value may be UNKNOWN before an `up`.
    """

    name: str
    service: str | None
    image: Any
    user: Any
    read_only: Any
    cpu: Any
    memory: Any
    environment: Mapping[str, Any]
    copies: int = 1


def containers(kind: str, inputs: Inputs) -> list[Container]:
    """The containers of a resource; empty of a resource that runs none. `inputs` are spelt as the engine does."""
    reader = READERS.get(kind)
    return list(reader(inputs)) if reader else []


def _docker(inputs: Inputs) -> Iterator[Container]:
    labels = {
        each.get("label"): each.get("value") for each in _items(inputs.get("labels")) if isinstance(each, Mapping)
    }
    cpus = inputs.get("cpus")
    yield Container(
        name=str(inputs.get("name") or "without a name"),
        service=labels.get(_SERVICE),
        image=inputs.get("image"),
        user=inputs.get("user"),
        read_only=inputs.get("readOnly", False),
        cpu=float(cpus) if isinstance(cpus, str) and cpus else cpus,
        memory=inputs.get("memory"),
        environment=dict(str(each).split("=", 1) for each in _items(inputs.get("envs")) if "=" in str(each)),
    )


def _pods(inputs: Inputs) -> Iterator[Container]:
    """Deployment, StatefulSet, DaemonSet and Job alike: `spec.template` is a pod's."""
    spec = _mapping(inputs.get("spec"))
    copies = spec.get("replicas", 1)
    metadata = _mapping(inputs.get("metadata"))
    yield from _pod(metadata, _mapping(spec.get("template")), copies if isinstance(copies, int | float) else 1)


def _pod(metadata: Inputs, template: Inputs, copies: float = 1) -> Iterator[Container]:
    labels = {**_mapping(metadata.get("labels")), **_mapping(_mapping(template.get("metadata")).get("labels"))}
    pod = _mapping(template.get("spec"))
    of_all = _mapping(pod.get("securityContext"))
    for each in (*_items(pod.get("initContainers")), *_items(pod.get("containers"))):
        own = _mapping(each)
        security = {**of_all, **_mapping(own.get("securityContext"))}
        limits = _mapping(_mapping(own.get("resources")).get("limits"))
        yield Container(
            name=f"{metadata.get('name', 'without a name')}/{own.get('name', '')}",
            service=labels.get(_SERVICE),
            image=own.get("image"),
            user=_kubernetes_user(security),
            read_only=security.get("readOnlyRootFilesystem", False),
            cpu=_quantity(limits.get("cpu"), 1),
            memory=_quantity(limits.get("memory"), _MIB),
            environment={
                str(one.get("name")): one.get("value")
                for one in map(_mapping, _items(own.get("env")))
                if one.get("value") is not None
            },
            copies=int(copies),
        )


def _kubernetes_user(security: Inputs) -> Any:  # noqa: ANN401 - a number, a word or UNKNOWN
    if (user := security.get("runAsUser")) is not None:
        return user if user is UNKNOWN else str(int(user))
    return "not root" if security.get("runAsNonRoot") is True else None


def _quantity(value: Any, unit: float) -> Any:  # noqa: ANN401 - what Kubernetes takes, or UNKNOWN
    if isinstance(value, str) and (found := _QUANTITY.fullmatch(value)):
        return float(found[1]) * _SCALE.get(found[2] or "", 1) / unit
    return value / unit if isinstance(value, int | float) else value


def _items(value: object) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


READERS: Mapping[str, Callable[[Inputs], Iterator[Container]]] = {
    "docker:index/container:Container": _docker,
    **{f"kubernetes:apps/v1:{kind}": _pods for kind in ("Deployment", "StatefulSet", "DaemonSet")},
    "kubernetes:batch/v1:Job": _pods,
    "kubernetes:core/v1:Pod": lambda inputs: _pod(_mapping(inputs.get("metadata")), inputs),
}
