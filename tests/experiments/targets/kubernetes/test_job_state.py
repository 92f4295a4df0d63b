from typing import Any, cast

import pytest
from lightkube.models.batch_v1 import Job

from workbench.experiments.targets.kubernetes import job_state


def _job(**status: Any) -> Job:
    return cast("Job", Job.from_dict({"status": status}))


def test_a_job_that_ended_says_why_it_makes_no_more_pods() -> None:
    condition = {"type": "Failed", "status": "True", "reason": "BackoffLimitExceeded", "message": "it has failed"}
    assert job_state.end(_job(conditions=[condition]), 0) == "BackoffLimitExceeded: it has failed"
    assert job_state.end(_job(conditions=[{**condition, "status": "False"}]), 0) == ""
    assert job_state.end(_job(), 0) == ""


@pytest.mark.parametrize(("index", "failed"), [(0, False), (1, True), (2, False), (3, True), (4, True), (6, False)])
def test_a_run_of_a_sweep_whose_attempts_are_used_up_is_known_by_its_index(index: int, failed: bool) -> None:
    assert bool(job_state.end(_job(failedIndexes="1,3-5"), index)) is failed
