"""What is told of a release's pods, from the states that Kubernetes reports."""

from __future__ import annotations

from typing import Any

import pytest
from lightkube.models.core_v1 import Pod

from workbench.clusters.symptoms import Symptoms


def symptoms(
    status: dict[str, Any], *, ready: bool = False, events: tuple[str, ...] = (), last_line: str = ""
) -> Symptoms:
    conditions = [{"type": "Ready", "status": "True" if ready else "False"}, *status.pop("conditions", [])]
    pod: Any = Pod.from_dict({"metadata": {"name": "churnpred-1"}, "status": {"conditions": conditions, **status}})
    return Symptoms([pod], lambda _: list(events), lambda _: last_line)


def container(**status: Any) -> dict[str, Any]:
    known = {"name": "scoring", "image": "i", "imageID": "", "ready": False, "restartCount": 0}
    return {"phase": "Running", "containerStatuses": [{**known, **status}]}


def ended(code: int, reason: str, message: str = "") -> dict[str, Any]:
    return {"terminated": {"exitCode": code, "reason": reason, "message": message}}


def test_a_container_that_ended_thrice_is_hopeless_and_its_last_words_are_told() -> None:
    status = container(
        restartCount=3,
        lastState=ended(1, "Error", "Traceback\nRuntimeError: the feature store is away\n"),
        state={"waiting": {"reason": "CrashLoopBackOff"}},
    )

    assert symptoms(status).hopeless() == (
        "ended 3 times, last with 1; its last words: RuntimeError: the feature store is away"
    )


def test_one_that_ended_once_may_be_well_yet() -> None:
    status = container(restartCount=1, lastState=ended(1, "Error", "x"))

    assert symptoms(status).hopeless() == ""
    assert symptoms(status).late() == "churnpred-1 ended 1 times, last with 1; its last words: x"


def test_memory_that_ran_out_is_called_that() -> None:
    status = container(restartCount=3, lastState=ended(137, "OOMKilled"))

    assert "last with 137 (OOMKilled): it needed more memory than the service's memory gives" in (
        symptoms(status, last_line="loading").hopeless()
    )


@pytest.mark.parametrize("reason", ["InvalidImageName", "CreateContainerConfigError"])
def test_what_no_patience_heals_is_hopeless_at_once(reason: str) -> None:
    status = container(state={"waiting": {"reason": reason, "message": 'secret "x" not found'}})

    assert symptoms(status).hopeless() == f'can\'t start: {reason} (secret "x" not found)'


def test_an_image_that_cannot_be_pulled_is_late_with_the_registrys_answer() -> None:
    status = container(state={"waiting": {"reason": "ImagePullBackOff", "message": "not found"}})

    assert symptoms(status).hopeless() == ""
    assert symptoms(status).late() == "churnpred-1 waits: ImagePullBackOff (not found)"


def test_a_pod_that_no_node_takes_says_why() -> None:
    unplaced = {"type": "PodScheduled", "status": "False", "message": "0/1 nodes are available: 1 Insufficient cpu."}

    told = symptoms({"phase": "Pending", "conditions": [unplaced]}).late()

    assert told.startswith("churnpred-1 is not placed on any node (0/1 nodes are available: 1 Insufficient cpu.)")


def test_one_that_runs_and_is_never_ready_tells_its_event_and_its_last_line() -> None:
    told = symptoms(
        container(state={"running": {}}), events=("Unhealthy: Readiness probe failed: 503",), last_line="waiting"
    ).late()

    assert told == (
        "churnpred-1 is running, but not ready; Unhealthy: Readiness probe failed: 503; its last words: waiting"
    )


def test_a_ready_pod_has_no_symptoms() -> None:
    assert symptoms(container(ready=True), ready=True).late() == ""


def test_words_without_end_are_cut_and_stay_one_line() -> None:
    told = symptoms(container(restartCount=3, lastState=ended(1, "Error", "y" * 5000))).hopeless()

    assert len(told) < 700
    assert "\n" not in told
