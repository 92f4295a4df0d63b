"""What all objects of a stack have in common: names that Kubernetes takes, labels, and how Pulumi applies them."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_kubernetes as kubernetes

from workbench.components.naming import Names

# A Service's name: no dots, a letter first.
DNS_LABEL = re.compile(r"[a-z]([a-z0-9-]*[a-z0-9])?")
# What somebody changed by hand is Pulumi's again with the next update; nobody waits but the route.
APPLIED = {"pulumi.com/patchForce": "true", "pulumi.com/skipAwait": "true"}


@dataclass(frozen=True)
class Place:
    """Where a stack's objects lie, and what they all carry."""

    names: Names
    namespace: pulumi.Input[str]

    def metadata(
        self, name: str, labels: dict[str, str] | None = None, annotations: Mapping[str, str] | None = None
    ) -> kubernetes.meta.v1.ObjectMetaArgs:
        return kubernetes.meta.v1.ObjectMetaArgs(
            name=name,
            namespace=self.namespace,
            labels={**self.names.labels, "app.kubernetes.io/managed-by": "pulumi", **(labels or {})},
            annotations={**(annotations or {}), **APPLIED},
        )


def object_name(service: str) -> str:
    """Name of a service's objects: its own, or one that Kubernetes takes and no other service can have."""
    if DNS_LABEL.fullmatch(service):
        return service
    tail = hashlib.sha256(service.encode()).hexdigest()[:6]
    return f"s-{service.replace('.', '-')}-{tail}"
