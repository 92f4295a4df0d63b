"""The pod that a release runs in: restricted in every way that the standard of that name asks for, and probed."""

from __future__ import annotations

import pulumi
import pulumi_kubernetes as kubernetes

from workbench.components.engines.kubernetes.quota import millicores
from workbench.components.naming import KEYS_FOLDER, SCORING_PORT, SERVER_USER, SERVICE_LABEL
from workbench.components.scoring_service import server_environment
from workbench.core.service_settings import ServiceSettings

core = kubernetes.core.v1
USER = int(SERVER_USER.partition(":")[0])
# Until all nodes have heard that a pod leaves, it goes on taking requests.
LEAVE_SECONDS = 5
EXIT_SECONDS = 5
PROBE_SECONDS, STEADY_PROBES = 1, 5
# A server that answers late, on a starved machine, is still the best there is: only a long silence is an end.
SILENT_SECONDS = 60
CONTAINER = "scoring"


def pod(service: ServiceSettings, image: pulumi.Input[str], keys: str, pull: list[str]) -> core.PodSpecArgs:
    """Describe it; `keys` is the Secret with digests, `pull` are those with logins to registries."""
    return core.PodSpecArgs(
        containers=[_container(service, image)],
        volumes=[
            core.VolumeArgs(
                name="keys", secret=core.SecretVolumeSourceArgs(secret_name=keys, default_mode=0o440, optional=False)
            ),
            core.VolumeArgs(
                name="scratch", empty_dir=core.EmptyDirVolumeSourceArgs(medium="Memory", size_limit="64Mi")
            ),
        ],
        image_pull_secrets=[core.LocalObjectReferenceArgs(name=name) for name in pull],
        security_context=core.PodSecurityContextArgs(
            run_as_non_root=True,
            run_as_user=USER,
            run_as_group=USER,
            fs_group=USER,
            seccomp_profile=core.SeccompProfileArgs(type="RuntimeDefault"),
        ),
        automount_service_account_token=False,
        enable_service_links=False,
        termination_grace_period_seconds=LEAVE_SECONDS + service.drain_seconds + EXIT_SECONDS,
        topology_spread_constraints=[
            core.TopologySpreadConstraintArgs(
                max_skew=1,
                topology_key="kubernetes.io/hostname",
                when_unsatisfiable="ScheduleAnyway",
                label_selector=kubernetes.meta.v1.LabelSelectorArgs(match_labels={SERVICE_LABEL: service.name}),
                match_label_keys=["pod-template-hash"],
            )
        ],
    )


def _container(service: ServiceSettings, image: pulumi.Input[str]) -> core.ContainerArgs:
    resources = {"cpu": f"{millicores(service)}m", "memory": f"{service.memory}Mi"}
    return core.ContainerArgs(
        name=CONTAINER,
        image=image,
        env=[core.EnvVarArgs(name=name, value=value) for name, value in sorted(server_environment(service).items())],
        ports=[core.ContainerPortArgs(name="http", container_port=SCORING_PORT)],
        resources=core.ResourceRequirementsArgs(requests=resources, limits=resources),
        security_context=core.SecurityContextArgs(
            allow_privilege_escalation=False,
            read_only_root_filesystem=True,
            capabilities=core.CapabilitiesArgs(drop=["ALL"]),
        ),
        volume_mounts=[
            core.VolumeMountArgs(name="keys", mount_path=KEYS_FOLDER, read_only=True),
            core.VolumeMountArgs(name="scratch", mount_path="/tmp"),  # noqa: S108 - memory of the pod's own
        ],
        startup_probe=_probe("live", PROBE_SECONDS, max(1, service.healthy_seconds // PROBE_SECONDS)),
        # Well for a moment is not well: one that falls over at once never gets a request.
        readiness_probe=_probe("ready", PROBE_SECONDS, 3, successes=STEADY_PROBES),
        liveness_probe=_probe("live", 10, SILENT_SECONDS // 10),
        lifecycle=core.LifecycleArgs(
            pre_stop=core.LifecycleHandlerArgs(sleep=core.SleepActionArgs(seconds=LEAVE_SECONDS))
        ),
        # The last lines of the log are the reason why it ended, where whoever waits for it can read them.
        termination_message_policy="FallbackToLogsOnError",
    )


def _probe(what: str, period: int, failures: int, successes: int = 1) -> core.ProbeArgs:
    return core.ProbeArgs(
        http_get=core.HTTPGetActionArgs(path=f"/healthz/{what}", port=SCORING_PORT),
        period_seconds=period,
        timeout_seconds=3,
        failure_threshold=failures,
        success_threshold=successes,
    )
