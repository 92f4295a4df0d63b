"""Runs in a real cluster, in a namespace that enforces the standard `restricted`."""

from __future__ import annotations

import json
import re
import signal
import time

import pytest
from lightkube import Client
from lightkube.resources.core_v1 import Pod

from tests.cluster.cluster import Cluster
from tests.cluster.run_lab import SLEEPS, change, jobs, pods, start
from tests.integration.laboratory import Lab
from tests.waiting import patience
from workbench.experiments.configurations.compute import Compute
from workbench.experiments.targets import Job as RunJob
from workbench.experiments.targets import TargetError
from workbench.experiments.targets.kubernetes import job_manifest
from workbench.experiments.targets.kubernetes.api import Api
from workbench.experiments.targets.kubernetes.job_pods import JobPods
from workbench.experiments.targets.kubernetes.pod_run import PodRun
from workbench.experiments.targets.snapshot import Snapshot

SCRIPT = """
import os, pathlib, sys
import six
from azureml.logging import get_azureml_logger
print("hello from", os.getuid(), os.environ["EXAMPLE_ENV_VAR"], pathlib.Path("data.txt").read_text(), sys.argv[1:])
get_azureml_logger().log("AUC", 0.75)
pathlib.Path("outputs/model.txt").write_text("a model")
pathlib.Path("beside.txt").write_text("beside")
"""


def test_a_run_gets_its_files_and_its_outputs_metrics_and_log_come_back(there: Lab) -> None:
    (there.folder / "data.txt").write_text("some data")
    done = there.submit(SCRIPT, "--depth", "3", configuration="kubernetes")
    assert done.code == 0, done.err
    assert "hello from 10001 Example Value some data ['--depth', '3']" in done.out
    record = there.last()
    assert (record["status"], record["metrics"], record["parameters"]) == ("completed", {"AUC": 0.75}, {"depth": 3})
    folder = there.run_folder(record) / "outputs"
    assert [(folder / name).read_text() for name in ("model.txt", "beside.txt")] == ["a model", "beside"]
    assert "@sha256:" in record["environment"]["image"]


def test_an_interrupt_ends_the_run_and_keeps_what_it_wrote(there: Lab) -> None:
    process = start(there, SLEEPS)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=patience())
    assert process.returncode == 130
    record = there.last()
    assert record["status"] == "canceled"
    assert (there.run_folder(record) / "outputs" / "half.txt").read_text() == "half"


def test_a_lost_submit_leaves_a_job_that_is_found_and_removed(there: Lab, client: Client, namespace: str) -> None:
    process = start(there, SLEEPS)
    running = there.experiment("clean", "-c", "kubernetes", "--dry-run")
    assert "would change nothing" in running.out, "a run that goes on stays"
    process.kill()
    process.communicate()
    [name] = jobs(client, namespace)
    cleaned = there.experiment("clean", "-c", "kubernetes", "--yes", "-o", "json")
    assert cleaned.code == 0, cleaned.err
    assert json.loads(cleaned.out) == [{"job": name, "run_id": there.last()["id"], "status": "lost"}]


def test_a_run_that_needs_more_memory_than_it_has_says_so(there: Lab) -> None:
    done = there.submit("x = bytearray(1 << 30); x[::4096] = b'1' * len(x[::4096])", configuration="kubernetes")
    assert (done.code, "it needed more memory than the compute gives" in done.err) == (137, True), done.err
    assert "set memory" in there.last()["error"]


def test_a_pod_that_dies_is_run_again_and_the_record_says_which_attempt_it_was(
    there: Lab, client: Client, namespace: str
) -> None:
    change(there, retries="1")
    process = start(there, SLEEPS.replace("120", "3"))
    [pod] = pods(client, namespace)
    client.delete(Pod, pod, namespace=namespace, grace_period=0)
    out, err = process.communicate(timeout=patience(120))
    assert process.returncode == 0, err
    assert "[attempt 1 of 2 failed:" in out
    record = there.last()
    assert (record["status"], record["attempt"]) == ("completed", 2)
    assert (there.run_folder(record) / "outputs" / "half.txt").exists()


def test_a_run_that_takes_too_long_is_ended_and_what_it_wrote_comes_back(there: Lab) -> None:
    change(there, limitSeconds="2")
    done = there.submit(SLEEPS, configuration="kubernetes")
    assert (done.code, "longer than limitSeconds" in done.err) == (143, True), done.err
    record = there.last()
    assert (there.run_folder(record) / "outputs" / "half.txt").exists()


def test_a_pod_that_no_node_has_room_for_is_an_error_in_one_line(there: Lab) -> None:
    change(there, cpus="500", waitSeconds="3")
    done = there.submit("print(1)", configuration="kubernetes")
    assert (done.code, "Insufficient cpu" in done.err) == (1, True), done.err
    assert "waitSeconds" in done.err.splitlines()[-1]


def test_an_image_that_the_cluster_cannot_pull_is_an_error_with_the_reason(
    there: Lab, cluster: Cluster, namespace: str, registry: str
) -> None:
    """One whose registry has forgotten it since it was pushed."""
    image = f"{registry}/workbench-runtime@sha256:{'0' * 64}"
    compute = Compute(
        name="k", type="kubernetes", kubeconfig=str(cluster.kubeconfig), namespace=namespace, registry=registry
    )
    snapshot, tracking = Snapshot({}), there.folder / "tracking.jsonl"
    job = RunJob(id=f"pull_{time.time_ns()}", project="pull", snapshot=snapshot, command=("a.py",), tracking=tracking)
    api = Api(compute)
    job_pods = JobPods(api, compute, job_manifest.name(job.id))
    job_pods.begin(job_manifest.document([job], compute, image, "amd64", 1))
    with (
        PodRun(job_pods, job, 0, [], own=True) as running,
        pytest.raises(TargetError, match="Failed to pull image") as told,
    ):
        list(running.output())
    assert "\n" not in str(told.value)


def test_a_cluster_that_does_not_answer_is_one_line(there: Lab, cluster: Cluster) -> None:
    config = cluster.kubeconfig.read_text()
    (there.folder / "kubeconfig").write_text(re.sub(r"https://[^\"]+", "https://127.0.0.1:1", config))
    change(there, kubeconfig="kubeconfig")
    done = there.submit("print(1)", configuration="kubernetes")
    assert (done.code, len(done.err.splitlines())) == (1, 1), done.err
    assert "cannot be reached" in done.err
