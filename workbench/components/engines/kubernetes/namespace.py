"""The resource group in a cluster: a namespace that lets in only restricted pods, bounded, and closed by default."""

from __future__ import annotations

from urllib.parse import urlsplit

import pulumi
import pulumi_kubernetes as kubernetes

from workbench.components.engines.kubernetes.objects import Place, object_name
from workbench.components.engines.kubernetes.quota import Quota
from workbench.components.naming import SCORING_PORT, SERVICE_LABEL, Names

core, networking = kubernetes.core.v1, kubernetes.networking.v1
STANDARD = "restricted"


def namespace(name: str, names: Names, quota: Quota, parent: pulumi.Resource) -> pulumi.Output[str]:
    """Declare it; give its name, known once its bounds stand."""
    child = pulumi.ResourceOptions(parent=parent)
    standard = {f"pod-security.kubernetes.io/{mode}": STANDARD for mode in ("enforce", "audit", "warn")}
    made = core.Namespace(
        name,
        metadata=kubernetes.meta.v1.ObjectMetaArgs(
            name=names.prefix,
            labels={**names.labels, "app.kubernetes.io/managed-by": "pulumi", **standard},
            annotations={"pulumi.com/patchForce": "true"},
        ),
        opts=child,
    )
    place = Place(names, made.metadata.name)
    bounds = core.ResourceQuota(
        f"{name}-quota",
        metadata=place.metadata("bounds"),
        spec=core.ResourceQuotaSpecArgs(hard=quota.hard()),
        opts=child,
    )
    closed = networking.NetworkPolicy(
        f"{name}-closed",
        metadata=place.metadata("closed"),
        spec=networking.NetworkPolicySpecArgs(
            pod_selector=kubernetes.meta.v1.LabelSelectorArgs(), policy_types=["Ingress", "Egress"]
        ),
        opts=child,
    )
    callers = networking.NetworkPolicy(
        f"{name}-callers",
        metadata=place.metadata("callers"),
        spec=networking.NetworkPolicySpecArgs(
            pod_selector=kubernetes.meta.v1.LabelSelectorArgs(
                match_expressions=[
                    kubernetes.meta.v1.LabelSelectorRequirementArgs(key=SERVICE_LABEL, operator="Exists")
                ]
            ),
            policy_types=["Ingress"],
            ingress=[
                networking.NetworkPolicyIngressRuleArgs(
                    ports=[networking.NetworkPolicyPortArgs(port=SCORING_PORT, protocol="TCP")]
                )
            ],
        ),
        opts=child,
    )
    return pulumi.Output.all(made.metadata.name, bounds.id, closed.id, callers.id).apply(lambda known: str(known[0]))


def open_to_collector(name: str, service: str, endpoint: str, place: Place, parent: pulumi.Resource) -> None:
    """Let a service's pods reach their trace collector, and the name server that knows where it is."""
    parts = urlsplit(endpoint)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    networking.NetworkPolicy(
        f"{name}-collector",
        metadata=place.metadata(f"{object_name(service)}-collector"),
        spec=networking.NetworkPolicySpecArgs(
            pod_selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels={SERVICE_LABEL: service}),
            policy_types=["Egress"],
            egress=[
                networking.NetworkPolicyEgressRuleArgs(
                    ports=[
                        networking.NetworkPolicyPortArgs(port=port, protocol="TCP"),
                        networking.NetworkPolicyPortArgs(port=53, protocol="UDP"),
                        networking.NetworkPolicyPortArgs(port=53, protocol="TCP"),
                    ]
                )
            ],
        ),
        opts=pulumi.ResourceOptions(parent=parent),
    )
