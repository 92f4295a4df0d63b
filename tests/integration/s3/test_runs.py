"""Runs in a bucket, from their start to their end or their death."""

from __future__ import annotations

import os
import shutil
import time
from pathlib import Path
from typing import Any

import pytest

from tests.registry.models.writers import Writers
from tests.waiting import until
from workbench.core.errors import RunError
from workbench.experiments.runs import run_record
from workbench.registry.stores import heartbeat, stores

pytestmark = pytest.mark.long


def test_a_run_is_in_the_bucket_from_its_start_to_its_end(place: dict[str, str]) -> None:
    run = run_record.Run.start("churn", {"inputs": {"seed": 1}})
    assert run.folder.is_relative_to(place["WORKBENCH_HOME"])
    assert run_record.get(run.id)["status"] == "running"
    run.log("fitting")
    run.save({"model.onnx": b"1"})
    run.note(target="local")
    assert run_record.get(run.id)["target"] == "local"
    run.finish(run_record.COMPLETED, metrics={"accuracy": 0.5})
    assert (run.folder / "outputs" / "model.onnx").read_bytes() == b"1"
    for folder in ("WORKBENCH_HOME", "XDG_CACHE_HOME"):
        shutil.rmtree(place[folder])
    assert [each["status"] for each in run_record.list_all()] == ["completed"]
    assert run_record.find("churn_")["metrics"] == {"accuracy": 0.5}
    files = run_record.files(run.id)
    assert (files / "outputs" / "model.onnx").read_bytes() == b"1"
    assert (files / "log.txt").read_text().endswith(" fitting\n")
    run_record.delete(run.id)
    assert run_record.list_all() == []
    with pytest.raises(RunError, match="is not in s3://"):
        run_record.get(run.id)


def test_a_run_that_was_killed_is_lost_and_its_log_was_kept(
    writers: Writers, bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_id = writers.begin_run()
    beat = bucket / "beats" / "runs" / run_id
    until(beat.exists)
    assert run_record.get(run_id)["status"] == "running"
    writers.kill(1, seconds=0, seed=0)
    writers.wait()
    assert run_record.get(run_id)["status"] == "lost"  # on its own machine at once
    monkeypatch.setattr(heartbeat, "_boot", lambda: "another machine")
    assert run_record.get(run_id)["status"] == "running"  # from elsewhere when it has not beaten for a while
    long_ago = time.time() - heartbeat.LOST_SECONDS - 1
    os.utime(beat, (long_ago, long_ago))
    assert [each["status"] for each in run_record.list_all()] == ["lost"]


def test_what_was_listed_before_is_not_fetched_again_unless_it_changed(
    place: dict[str, str], bucket: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    del place, bucket
    runs = [run_record.Run.start("churn", {}) for _ in range(3)]
    runs[0].finish(run_record.COMPLETED)
    run_record.list_all()
    store: Any = stores.at()
    fetched: list[str] = []
    plain = type(store._remote).read_many

    def counting(remote: Any, keys: list[str]) -> dict[str, bytes]:
        fetched.extend(keys)
        found: dict[str, bytes] = plain(remote, keys)
        return found

    monkeypatch.setattr(type(store._remote), "read_many", counting)
    run_record.list_all()
    assert fetched == []
    runs[1].finish(run_record.FAILED)
    assert [each["status"] for each in run_record.list_all()] == ["completed", "failed", "running"]
    assert fetched == [f"runs/{runs[1].id}/run.json"]
