from typing import Any, cast

import pytest
from lightkube.models.core_v1 import Pod

from workbench.experiments.targets import TOO_LITTLE_MEMORY
from workbench.experiments.targets.kubernetes import pod_state


def _pod(state: dict[str, Any] | None = None, **status: Any) -> Pod:
    statuses = [{"name": "run", "image": "", "imageID": "", "ready": False, "restartCount": 0, "state": state or {}}]
    return cast("Pod", Pod.from_dict({"metadata": {"name": "p"}, "status": {"containerStatuses": statuses, **status}}))


def test_an_image_that_cannot_be_pulled_is_told_by_the_event_with_the_reason() -> None:
    pod = _pod({"waiting": {"reason": "ImagePullBackOff", "message": "Back-off pulling image"}})
    told = pod_state.hopeless(pod, ["Error: ErrImagePull", 'Failed to pull image "x": not found'])
    assert 'ImagePullBackOff (Failed to pull image "x": not found)' in told
    assert "pullSecret" in told


@pytest.mark.parametrize("reason", ["ContainerCreating", "ErrImagePull"])
def test_what_may_yet_be_well_is_waited_for(reason: str) -> None:
    assert not pod_state.hopeless(_pod({"waiting": {"reason": reason}}), [])


def test_a_pod_that_no_node_takes_says_why() -> None:
    condition = {
        "type": "PodScheduled",
        "status": "False",
        "message": "0/1 nodes are available: 1 Insufficient memory.",
    }
    assert pod_state.waits_for(_pod(conditions=[condition])) == f"no node takes it: {condition['message']}"
    assert not pod_state.waits_for(_pod())


def test_a_death_is_told_in_words() -> None:
    killed = {"terminated": {"exitCode": 137, "reason": "OOMKilled"}}
    assert pod_state.death(_pod(killed)) == TOO_LITTLE_MEMORY
    assert pod_state.death(_pod(reason="Evicted", message="disk is full")) == "its pod ended: Evicted (disk is full)"
    said = {"terminated": {"exitCode": 1, "message": "a\nnobody sent this run its files\n"}}
    assert pod_state.death(_pod(said)) == "its container ended with 1: nobody sent this run its files"
    assert (pod_state.code(_pod(said)), pod_state.code(_pod())) == (1, 137)
