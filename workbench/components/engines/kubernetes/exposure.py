"""How callers come in: a Service that never changes while pods do, and a port of each node or an Ingress before it."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes

from workbench.components.cluster_settings import ClusterSettings
from workbench.components.engines.kubernetes.objects import Place, object_name
from workbench.components.naming import SCORING_PORT, SERVICE_LABEL, service_path
from workbench.core.service_settings import ServiceSettings

core, networking = kubernetes.core.v1, kubernetes.networking.v1
PORT_NAME = "http"


def in_clear(settings: ClusterSettings) -> str:
    """What to know of keys and data that cross the network unencrypted, in one line; "" where they don't."""
    if settings.exposure == "nodePort":
        return (
            "exposure nodePort: callers' keys and data cross the network in clear, to a port of each node; set "
            "exposure ingress and tlsSecret, or trust that network"
        )
    if settings.exposure == "ingress" and not settings.tls_secret:
        return "exposure ingress without tlsSecret: callers' keys and data cross the network in clear; set tlsSecret"
    return ""


def door(
    name: str, service: ServiceSettings, settings: ClusterSettings, host: str, place: Place, parent: pulumi.Resource
) -> pulumi.Output[str]:
    """Declare it; give the address that a scoring URL begins with, the same for as long as the service lives."""
    child = pulumi.ResourceOptions(parent=parent)
    title, labels = object_name(service.name), {SERVICE_LABEL: service.name}
    made = core.Service(
        f"{name}-door",
        metadata=place.metadata(title, labels),
        spec=core.ServiceSpecArgs(
            type="NodePort" if settings.exposure == "nodePort" else "ClusterIP",
            selector={**place.names.labels, **labels},
            ports=[core.ServicePortArgs(name=PORT_NAME, port=SCORING_PORT, target_port=SCORING_PORT, protocol="TCP")],
        ),
        opts=child,
    )
    if settings.exposure == "ingress":
        _ingress(name, service, settings, host, place, child)
        return made.id.apply(lambda _: f"{settings.scheme}://{host}")
    if settings.exposure == "nodePort":
        return made.spec.apply(lambda spec: f"http://{host}:{_node_port(spec)}")
    return made.spec.apply(lambda spec: f"http://{spec.cluster_ip}:{SCORING_PORT}")


def _ingress(
    name: str,
    service: ServiceSettings,
    settings: ClusterSettings,
    host: str,
    place: Place,
    child: pulumi.ResourceOptions,
) -> None:
    """One for each service: none has to know of the others. No controller has to rewrite a path: servers know it."""
    title, called = object_name(service.name), host.partition(":")[0]
    backend = networking.IngressBackendArgs(
        service=networking.IngressServiceBackendArgs(name=title, port=networking.ServiceBackendPortArgs(name=PORT_NAME))
    )
    networking.Ingress(
        f"{name}-ingress",
        metadata=place.metadata(title, {SERVICE_LABEL: service.name}, settings.ingress_annotations),
        spec=networking.IngressSpecArgs(
            ingress_class_name=settings.ingress_class or None,
            tls=[networking.IngressTLSArgs(hosts=[called], secret_name=settings.tls_secret)]
            if settings.tls_secret
            else None,
            rules=[
                networking.IngressRuleArgs(
                    host=called,
                    http=networking.HTTPIngressRuleValueArgs(
                        paths=[
                            networking.HTTPIngressPathArgs(
                                path=service_path(service.name), path_type="Prefix", backend=backend
                            )
                        ]
                    ),
                )
            ],
        ),
        opts=child,
    )


def _node_port(spec: core.outputs.ServiceSpec) -> int:
    (port,) = spec.ports or ()
    return int(port.node_port or 0)
