"""A project whose runs go to the cluster, as the tests of runs and sweeps use it."""

from __future__ import annotations

import subprocess
from pathlib import Path

from lightkube import Client
from lightkube.resources.batch_v1 import Job
from lightkube.resources.core_v1 import Pod

from tests.integration.laboratory import RUNCONFIG, SMALL, Lab

COMPUTE = """\
type: kubernetes
kubeconfig: {0}
namespace: {1}
registry: {2}
memory: 128m
"""
SLEEPS = """
import pathlib, time
pathlib.Path("outputs/half.txt").write_text("half")
print("begun", flush=True)
time.sleep(120)
"""


def make(folder: Path, environment: dict[str, str], *place: object) -> Lab:
    """`place` is a kubeconfig, a namespace and a registry."""
    made = Lab(folder, environment)
    (folder / "aml_config").mkdir(parents=True)
    made.write(
        kubernetes__runconfig=RUNCONFIG.format("kubernetes", "Python"),
        kubernetes__compute=COMPUTE.format(*place),
        conda_dependencies__yml=SMALL,
    )
    return made


def begin(lab: Lab, *arguments: str) -> subprocess.Popen[str]:
    """A verb of experiments under way, which an interrupt reaches whatever this process does with them."""
    command = ["env", "--default-signal=HUP,INT", "workbench", "experiment", *arguments]
    return subprocess.Popen(
        command, cwd=lab.folder, env=lab.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


def start(lab: Lab, text: str) -> subprocess.Popen[str]:
    """A submit under way, whose script has begun."""
    (lab.folder / "script.py").write_text(text)
    process = begin(lab, "submit", "-c", "kubernetes", "script.py")
    assert process.stdout
    assert any("begun" in line for line in process.stdout), process.communicate()[1]
    return process


def change(lab: Lab, **keys: str) -> None:
    """Write keys of the compute, over those that are there."""
    path = lab.folder / "aml_config" / "kubernetes.compute"
    kept = [line for line in path.read_text().splitlines() if line.partition(":")[0] not in keys]
    path.write_text("\n".join([*kept, *(f"{key}: {value}" for key, value in keys.items()), ""]))


def jobs(client: Client, namespace: str) -> list[str]:
    return [str(each.metadata and each.metadata.name) for each in client.list(Job, namespace=namespace)]


def pods(client: Client, namespace: str) -> list[str]:
    return [str(each.metadata and each.metadata.name) for each in client.list(Pod, namespace=namespace)]


def begun(lab: Lab) -> list[Path]:
    """Logs of runs that have begun to print."""
    return [path for path in lab.run_folder({"id": "."}).glob(f"{lab.folder.name}_*/log.txt") if path.stat().st_size]
