import re
from pathlib import Path
from typing import Any

import pytest

from workbench.experiments.configurations.compute import Compute
from workbench.experiments.targets import Job
from workbench.experiments.targets.kubernetes import job_manifest
from workbench.experiments.targets.snapshot import Snapshot

IMAGE = "127.0.0.1:5000/workbench-runtime@sha256:" + "0" * 64


def _jobs(count: int, project: str = "churn") -> list[Job]:
    snapshot = Snapshot({})
    return [
        Job(id=f"{project}_{number}", project=project, snapshot=snapshot, command=("a.py",), tracking=Path("t"))
        for number in range(count)
    ]


def _document(count: int = 1, project: str = "churn", **keys: Any) -> dict[str, Any]:
    compute = Compute(name="k", type="kubernetes", registry="127.0.0.1:5000", **keys)
    return job_manifest.document(_jobs(count, project), compute, IMAGE, "amd64", 3)


def test_a_pod_keeps_to_the_restricted_standard_and_holds_no_credentials() -> None:
    pod = _document()["spec"]["template"]["spec"]
    assert pod["securityContext"]["runAsNonRoot"] is True
    assert pod["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert pod["automountServiceAccountToken"] is False
    [container] = pod["containers"]
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "capabilities": {"drop": ["ALL"]},
        "readOnlyRootFilesystem": True,
    }
    assert container["terminationMessagePolicy"] == "FallbackToLogsOnError"
    assert [set(each) for each in pod["volumes"]] == [{"name", "emptyDir"}] * 2
    assert "env" not in container


def test_one_run_is_a_job_of_one_that_is_tried_again_as_the_compute_says() -> None:
    spec = _document(retries=2)["spec"]
    assert (spec["completions"], spec["parallelism"], spec["backoffLimit"]) == (1, 1, 2)
    assert spec["template"]["spec"]["restartPolicy"] == "Never"
    assert spec["ttlSecondsAfterFinished"] > 0


def test_a_sweep_is_one_indexed_job_in_which_a_run_that_fails_ends_no_other() -> None:
    document = _document(20, retries=1)
    spec = document["spec"]
    assert (spec["completionMode"], spec["completions"], spec["parallelism"]) == ("Indexed", 20, 3)
    assert (spec["backoffLimitPerIndex"], "backoffLimit" in spec) == (1, False)
    assert document["metadata"]["annotations"]["workbench.runs"].split(",") == [job.id for job in _jobs(20)]


def test_a_compute_says_what_a_pod_gets() -> None:
    pod = _document(memory="512m", cpus=1.5, gpu=True, pull_secret="login", limit_seconds=60)["spec"]["template"][  # noqa: S106 - a name
        "spec"
    ]
    assert pod["containers"][0]["resources"] == {
        "requests": {"memory": "512Mi", "cpu": "1.5"},
        "limits": {"memory": "512Mi", "cpu": "1.5", "nvidia.com/gpu": "1"},
    }
    assert pod["imagePullSecrets"] == [{"name": "login"}]
    assert pod["activeDeadlineSeconds"] > 60, "the run is ended from inside, so that its outputs can be fetched"


@pytest.mark.parametrize("project", ["churn", "Big_Project.of-Ours", "é", "x" * 200])
def test_names_and_labels_are_as_a_cluster_takes_them_whatever_a_project_is_called(project: str) -> None:
    metadata = _document(project=project)["metadata"]
    assert re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", metadata["name"])
    for label in metadata["labels"].values():
        assert re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?", label)


def test_two_runs_never_share_a_name() -> None:
    assert job_manifest.name("a.b_1") != job_manifest.name("a-b_1")
