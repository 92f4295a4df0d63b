"""Submits that are interrupted or killed, near and behind ssh: what their runs are called, what they leave."""

from __future__ import annotations

import json
import os
import signal
import subprocess
from pathlib import Path

import docker
import pytest

from tests.integration import sshd
from tests.integration.laboratory import RUNCONFIG, Lab
from tests.ports import free_ports

WAITING = "import time\nopen('half', 'w').write('1')\nprint('under way', flush=True)\ntime.sleep(600)\n"


def _begin(lab: Lab, configuration: str) -> subprocess.Popen[str]:
    (lab.folder / "script.py").write_text(WAITING)
    command = ["env", "--default-signal=HUP,INT", "workbench", "experiment", "submit", "-c", configuration, "script.py"]
    complaint = lab.folder.parent / "complaint.txt"
    with complaint.open("w") as stderr:
        process = subprocess.Popen(
            command, cwd=lab.folder, env=lab.environment, stdout=subprocess.PIPE, stderr=stderr, text=True
        )
    assert process.stdout
    if "under way\n" not in iter(process.stdout.readline, ""):
        process.communicate()
        pytest.fail(f"submit ended with {process.returncode}: {complaint.read_text()}")
    return process


def _containers(engine: docker.DockerClient, run_id: str) -> list[str]:
    return [str(each.name) for each in engine.containers.list(all=True, filters={"label": f"workbench.run={run_id}"})]


def test_a_killed_submits_run_is_lost_and_its_container_is_cleaned_up(lab: Lab, engine: docker.DockerClient) -> None:
    process = _begin(lab, "docker")
    run_id = lab.last()["id"]
    kept = lab.experiment("clean", "-c", "docker", "--dry-run", "-o", "json")
    assert (kept.code, json.loads(kept.out)) == (0, []), kept.err
    process.kill()
    process.communicate()
    assert (lab.last()["status"], _containers(engine, run_id)) == ("lost", [f"workbench-{run_id}"])
    refused = lab.experiment("clean", "-c", "docker")
    assert (refused.code, "add --yes" in refused.err) == (1, True)
    cleaned = lab.experiment("clean", "-c", "docker", "--yes", "-o", "json")
    assert json.loads(cleaned.out) == [{"container": f"workbench-{run_id}", "run_id": run_id, "status": "lost"}]
    assert _containers(engine, run_id) == []


def _far(lab: Lab, server: sshd.Server, address: str = "") -> Lab:
    lab.write(
        far__runconfig=RUNCONFIG.format("far", "Python"),
        far__compute=f"type: remotedocker\naddress: {address or server.address}\nusername: root\n",
    )
    away = {"DOCKER_HOST": "unix:///nowhere", "PATH": f"{server.clients}:{lab.environment['PATH']}"}
    return Lab(lab.folder, {**lab.environment, **away})


def test_an_interrupt_reaches_a_run_behind_ssh(
    lab: Lab, tmp_path: Path, engines: dict[str, str], engine: docker.DockerClient
) -> None:
    (port,) = free_ports(1)
    with sshd.serve(tmp_path / "sshd", port, engines["DOCKER_HOST"]) as server:
        there = _far(lab, server)
        process = _begin(there, "far")
        process.send_signal(signal.SIGINT)
        process.communicate()
    record = lab.last()
    assert (process.returncode, record["status"]) == (130, "canceled")
    assert [each["path"] for each in record["outputs"]] == ["half"]
    assert _containers(engine, record["id"]) == []


@pytest.mark.parametrize(
    ("harm", "told"),
    [
        ("stranger", "Host key verification failed"),
        ("key", "Permission denied (publickey)"),
        ("closed", "Connection refused"),
        ("engine", "Cannot connect to the Docker daemon"),
    ],
)
def test_what_keeps_a_run_from_the_engine_behind_ssh_is_one_line(
    lab: Lab, tmp_path: Path, engines: dict[str, str], harm: str, told: str
) -> None:
    port, closed = free_ports(2)
    host = "unix:///nowhere.sock" if harm == "engine" else engines["DOCKER_HOST"]
    with sshd.serve(tmp_path / "sshd", port, host) as server:
        there = _far(lab, server, f"127.0.0.1:{closed}" if harm == "closed" else "")
        if harm == "stranger":  # another key than the one that the client knows
            other = (tmp_path / "sshd" / "client.pub").read_text()
            (tmp_path / "sshd" / "known").write_text(f"[127.0.0.1]:{port} {other}")
        if harm == "key":
            os.truncate(tmp_path / "sshd" / "client.pub", 0)
            (tmp_path / "sshd" / "client").unlink()
        done = there.submit("print(1)\n", configuration="far")
    assert (done.code, done.out, done.err.count("\n")) == (1, "", 1), done.err
    assert told in done.err
    assert f"ssh://root@127.0.0.1:{closed if harm == 'closed' else port}" in done.err
