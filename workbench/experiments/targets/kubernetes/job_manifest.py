"""The objects of runs as a cluster takes them. Pure: calls nothing.

Pods are as the standard `restricted` asks: not root, nothing more than that, a root that is read only.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from workbench.core.canonical import sha256_hex
from workbench.experiments.configurations.compute import Compute
from workbench.experiments.targets import Job
from workbench.experiments.targets.container import FOLDER, RUN_LABEL, USER

PROJECT_LABEL = "workbench.project"
# Whole ids stand in an annotation: labels are short, and have few letters.
RUNS = "workbench.runs"
JOB_NAME, INDEX = "batch.kubernetes.io/job-name", "batch.kubernetes.io/job-completion-index"
CONTAINER = "run"
_KEPT_SECONDS = 3600
_GRACE_SECONDS = 15  # the pod's program gives the script ten
# A run is ended at its limit from inside, so that what it wrote can be fetched; this is for one that can't be.
_SPARE_SECONDS = 900
_LABEL = re.compile(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
_LONGEST = 40
_SIZES = {"m": "Mi", "g": "Gi"}
_PROGRAM = Path(__file__).with_name("pod.py")


def name(run_id: str) -> str:
    """The Job's name: short enough for the pods' names behind it, and unlike any other run's."""
    slug = re.sub(r"[^a-z0-9]+", "-", run_id.lower()).strip("-")[:_LONGEST].strip("-")
    return f"workbench-{slug}-{sha256_hex(run_id.encode())[:8]}".replace("--", "-")


def label(value: str) -> str:
    """A value as labels take it: itself, else what is left of it and a digest."""
    if _LABEL.fullmatch(value):
        return value
    rest = re.sub(r"[^A-Za-z0-9]+", "-", value).strip("-")[:_LONGEST].strip("-")
    return f"{rest}-{sha256_hex(value.encode())[:8]}".lstrip("-")


def document(jobs: Sequence[Job], compute: Compute, image: str, machine: str, parallel: int) -> dict[str, Any]:
    """One Job, indexed: a pod for each of `jobs`, `parallel` of them at a time, on nodes of kind `machine`."""
    labels = {RUN_LABEL: label(jobs[0].id), PROJECT_LABEL: label(jobs[0].project)}
    annotations = {RUNS: ",".join(job.id for job in jobs)}
    template = {"metadata": {"labels": labels}, "spec": pod(compute, image, machine)}
    # One run that fails for good must not end the others.
    retries = {"backoffLimitPerIndex": compute.retries} if len(jobs) > 1 else {"backoffLimit": compute.retries}
    return {
        "apiVersion": "batch/v1",
        "kind": "Job",
        "metadata": {"name": name(jobs[0].id), "labels": labels, "annotations": annotations},
        "spec": {
            "completionMode": "Indexed",
            "completions": len(jobs),
            "parallelism": min(parallel, len(jobs)),
            "ttlSecondsAfterFinished": _KEPT_SECONDS,
            "template": template,
            **retries,
        },
    }


def pod(compute: Compute, image: str, machine: str) -> dict[str, Any]:
    """What a run's pod is."""
    python = compute.python or "python3"
    container = {
        "name": CONTAINER,
        "image": image,
        "command": [python, "-c", _PROGRAM.read_text(encoding="utf-8")],
        "workingDir": FOLDER,
        "resources": resources(compute),
        "terminationMessagePolicy": "FallbackToLogsOnError",
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "readOnlyRootFilesystem": True,
        },
        "volumeMounts": [{"name": "work", "mountPath": FOLDER}, {"name": "scratch", "mountPath": "/tmp"}],  # noqa: S108 - a volume of the pod's own
    }
    return {
        "restartPolicy": "Never",
        "terminationGracePeriodSeconds": _GRACE_SECONDS,
        "automountServiceAccountToken": False,
        "enableServiceLinks": False,
        "nodeSelector": {"kubernetes.io/arch": machine},
        "securityContext": {
            "runAsNonRoot": True,
            "runAsUser": USER,
            "runAsGroup": USER,
            "fsGroup": USER,
            "seccompProfile": {"type": "RuntimeDefault"},
        },
        "containers": [container],
        "volumes": [{"name": "work", "emptyDir": {}}, {"name": "scratch", "emptyDir": {}}],
        **({"activeDeadlineSeconds": compute.limit_seconds + _SPARE_SECONDS} if compute.limit_seconds else {}),
        **({"imagePullSecrets": [{"name": compute.pull_secret}]} if compute.pull_secret else {}),
    }


def resources(compute: Compute) -> dict[str, dict[str, str]]:
    """What a run has, and can't exceed: memory always, cores and a GPU where they are named."""
    memory = compute.memory[:-1] + _SIZES[compute.memory[-1]]
    cpu = {"cpu": f"{compute.cpus:g}"} if compute.cpus else {}
    gpu = {"nvidia.com/gpu": "1"} if compute.gpu else {}
    return {"requests": {"memory": memory, **cpu}, "limits": {"memory": memory, **cpu, **gpu}}


def closed(job_name: str, uid: str) -> dict[str, Any]:
    """The NetworkPolicy of runs without a network, which goes with its Job."""
    owner = {"apiVersion": "batch/v1", "kind": "Job", "name": job_name, "uid": uid}
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": {"name": job_name, "ownerReferences": [owner]},
        "spec": {"podSelector": {"matchLabels": {JOB_NAME: job_name}}, "policyTypes": ["Ingress", "Egress"]},
    }
