"""Sweeps in a real cluster: all runs are one indexed Job."""

from __future__ import annotations

import json
import signal
from pathlib import Path

from lightkube import Client
from lightkube.resources.batch_v1 import Job

from tests.cluster.run_lab import SLEEPS, begin, begun, change, jobs
from tests.integration.laboratory import Lab
from tests.waiting import patience, until

TRAINS = """
import argparse
from azureml.logging import get_azureml_logger
parser = argparse.ArgumentParser()
for name in ("--C", "--depth"):
    parser.add_argument(name, type=float)
given = parser.parse_args()
get_azureml_logger().log("AUC", 1 - abs(given.C - 1) / 10 - abs(given.depth - 3) / 100)
open("outputs/model.txt", "w").write(str(given))
"""


def test_a_sweep_of_twenty_runs_is_one_indexed_job_with_its_table_and_plot(
    there: Lab, client: Client, namespace: str
) -> None:
    change(there, memory="64m")
    (there.folder / "script.py").write_text(TRAINS)
    command = ["sweep", "-c", "kubernetes", "script.py", "--grid", "C=0.1,1,2,5"]
    command += ["--grid", "depth=1,2,3,4,5", "--metric", "AUC", "-o", "json"]
    with begin(there, *command) as process:
        until(lambda: bool(jobs(client, namespace)) or process.poll() is not None)
        made = list(client.list(Job, namespace=namespace))
        out, err = process.communicate(timeout=patience(200))
    assert process.returncode == 0, err
    assert [(job.spec.completionMode, job.spec.completions) for job in made if job.spec] == [("Indexed", 20)]
    answer = json.loads(out)
    assert (len(answer["runs"]), answer["runs"][0]["parameters"]) == (20, {"C": "1", "depth": "3"})
    assert answer["best"] == answer["runs"][0]["run"]
    values = [each["metrics"]["AUC"] for each in answer["runs"]]
    assert values == sorted(values, reverse=True)
    assert Path(answer["plot"]).read_bytes().startswith(b"\x89PNG")
    for each in answer["runs"]:
        kept = there.run_folder({"id": each["run"]}) / "outputs" / "model.txt"
        assert f"C={float(each['parameters']['C'])}" in kept.read_text()


def test_a_sweep_that_is_interrupted_ends_all_its_runs(there: Lab) -> None:
    (there.folder / "script.py").write_text(SLEEPS)
    command = ["sweep", "-c", "kubernetes", "script.py", "--grid", "C=1,2,3", "--parallel", "2"]
    with begin(there, *command) as process:
        until(lambda: len(begun(there)) == 2)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=patience(90))
    assert process.returncode == 130, err
    assert [line.split().count("canceled") for line in out.splitlines()[1:]] == [1, 1, 1], out
