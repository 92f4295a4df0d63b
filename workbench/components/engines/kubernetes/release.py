"""A release in a cluster: the Deployment's newest pods, which take over from the old ones one ready pod at a time."""

from __future__ import annotations

from pathlib import Path

import pulumi
import pulumi_kubernetes as kubernetes

from workbench.components.engines.kubernetes import pod as engine_pod
from workbench.components.engines.kubernetes.objects import Place, object_name
from workbench.components.engines.kubernetes.pod import pod
from workbench.components.engines.kubernetes.quota import SURGE_PERCENT
from workbench.components.engines.kubernetes.secrets import key_secret
from workbench.components.naming import RELEASE_LABEL, SERVICE_LABEL
from workbench.components.scoring_service import Release, ScoringServiceArgs, release_name
from workbench.components.service_keys import ServiceKeys
from workbench.core.service_settings import ServiceSettings

apps, autoscaling, policy = kubernetes.apps.v1, kubernetes.autoscaling.v2, kubernetes.policy.v1
# After that, before an old pod leaves for it.
STEADY_SECONDS = 1
KEPT_REVISIONS = 2
SHAPED_BY = (Path(__file__), Path(engine_pod.__file__))


def release(
    name: str, args: ScoringServiceArgs, keys: ServiceKeys, pull: list[str], parent: pulumi.Resource
) -> Release:
    """Declare the Deployment and what keeps enough of its pods alive."""
    service, child = args.service, pulumi.ResourceOptions(parent=parent)
    place, title = Place(args.names, args.group.boundary), object_name(service.name)
    secret = key_secret(f"{name}-digests", service.name, keys, place, parent)
    digest = release_name(args, *SHAPED_BY)
    labels = {SERVICE_LABEL: service.name}
    selector = kubernetes.meta.v1.LabelSelectorArgs(match_labels={**args.names.labels, **labels})
    running = apps.Deployment(
        name,
        metadata=place.metadata(title, labels),
        spec=apps.DeploymentSpecArgs(
            # Where an autoscaler owns the number, saying one here would be a quarrel.
            replicas=None if service.autoscale_max_replicas else service.replicas,
            selector=selector,
            strategy=apps.DeploymentStrategyArgs(
                type="RollingUpdate",
                rolling_update=apps.RollingUpdateDeploymentArgs(max_unavailable=0, max_surge=f"{SURGE_PERCENT}%"),
            ),
            min_ready_seconds=STEADY_SECONDS,
            progress_deadline_seconds=service.healthy_seconds + engine_pod.STEADY_PROBES + STEADY_SECONDS + 1,
            revision_history_limit=KEPT_REVISIONS,
            template=kubernetes.core.v1.PodTemplateSpecArgs(
                metadata=kubernetes.meta.v1.ObjectMetaArgs(
                    labels={**args.names.labels, **labels, RELEASE_LABEL: digest}
                ),
                spec=pod(service, args.image.reference, secret, pull),
            ),
        ),
        opts=child,
    )
    policy.PodDisruptionBudget(
        f"{name}-budget",
        metadata=place.metadata(title, labels),
        spec=policy.PodDisruptionBudgetSpecArgs(
            max_unavailable=1, selector=selector, unhealthy_pod_eviction_policy="AlwaysAllow"
        ),
        opts=child,
    )
    if service.autoscale_max_replicas:
        _autoscaler(name, title, service, place, child)
    # The revision changes with whatever changes the pods, so that a route waits for exactly this one.
    hosts = pulumi.Output.all(running.metadata.name, running.id).apply(lambda known: [str(known[0])])
    return Release(digest, hosts)


def _autoscaler(name: str, title: str, service: ServiceSettings, place: Place, child: pulumi.ResourceOptions) -> None:
    autoscaling.HorizontalPodAutoscaler(
        f"{name}-autoscaler",
        metadata=place.metadata(title, {SERVICE_LABEL: service.name}),
        spec=autoscaling.HorizontalPodAutoscalerSpecArgs(
            scale_target_ref=autoscaling.CrossVersionObjectReferenceArgs(
                api_version="apps/v1", kind="Deployment", name=title
            ),
            min_replicas=service.replicas,
            max_replicas=service.autoscale_max_replicas or service.replicas,
            metrics=[
                autoscaling.MetricSpecArgs(
                    type="Resource",
                    resource=autoscaling.ResourceMetricSourceArgs(
                        name="cpu",
                        target=autoscaling.MetricTargetArgs(
                            type="Utilization", average_utilization=service.autoscale_target_utilization
                        ),
                    ),
                )
            ],
        ),
        opts=child,
    )
