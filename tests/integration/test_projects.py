"""New and imported projects outside of this tree, with the workbench installed from its wheel, on real engines."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ports import free_ports
from tests.tree import TREE
from tests.waiting import patience

OLD = TREE / "tests" / "projects" / "old_projects" / "churn_prediction"
SECONDS = 420


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory, engines: dict[str, str]) -> dict[str, str]:
    """A shell that knows indexes, the engine's address and a home of its own, nothing of this tree."""
    ours = ("WORKBENCH_", "PULUMI_", "VIRTUAL_ENV", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    home = tmp_path_factory.mktemp("projects-home")
    return {**kept, "DOCKER_HOST": engines["DOCKER_HOST"], "WORKBENCH_HOME": str(home)}


def _run(folder: Path, environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=patience(SECONDS), check=False
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def _ports() -> list[str]:
    """Two ports whose neighbours are prod's."""
    gateway, registry = free_ports(2)
    return ["--gateway-port", str(gateway), "--registry-port", str(registry)]


def _environment_of(project: Path) -> None:
    """What `make venv` makes, with the wheels that this tree's own environment holds in the place of an index."""
    subprocess.run([sys.executable, "-m", "venv", str(project / ".venv")], check=True)
    python = project / ".venv" / "bin" / "python"
    (wheel,) = (project / "vendor").glob("*.whl")
    subprocess.run([python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(wheel)], check=True)
    (packages,) = (project / ".venv" / "lib").glob("python*/site-packages")
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    (project / ".venv" / ".ready").touch()


def _share(own: Path, project: Path) -> None:
    """Let another project have the same environment."""
    (project / ".venv").symlink_to(own / ".venv")
    (project / ".venv" / ".ready").touch()


# Names that the product's own packages once had: a project may use them all.
NAMES = ("clusters", "gateway", "policies", "scoring", "toolchain")


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory, environment: dict[str, str]) -> Path:
    """A new project with its environment, and with modules of its own whose names are ordinary."""
    folder = tmp_path_factory.mktemp("projects")
    name = f"own-{free_ports(1)[0]}"
    workbench = str(Path(sys.executable).with_name("workbench"))
    _run(folder, environment, workbench, "project", "new", name, *_ports())
    _environment_of(folder / name)
    for module in NAMES:
        (folder / name / f"{module}.py").write_text("raise RuntimeError('nobody but this project imports it')\n")
    (folder / name / "model.py").write_text("SLOPE = 1\n")
    script = folder / name / "train.py"
    script.write_text(script.read_text().replace("import argparse\n", "import argparse\n\nimport model\n", 1))
    return folder / name


@pytest.fixture
def up(own: Path, environment: dict[str, str]) -> Iterator[Path]:
    """The project, whose stack ends with the test."""
    yield own
    _run(own, environment, "make", "destroy")
    shell = 'docker image ls --format "{{.Repository}}:{{.Tag}}" | grep -F "$0" | xargs -r docker image rm --force'
    subprocess.run(["sh", "-c", shell, own.name], env=environment, check=False, stdout=subprocess.DEVNULL)


def test_a_new_project_is_trained_served_and_scored_by_its_own_makefile(up: Path, environment: dict[str, str]) -> None:
    where = _run(up, environment, ".venv/bin/python", "-c", "import workbench; print(workbench.__file__)")
    assert str(TREE) not in where, "from the wheel, not from this tree"
    find = "import importlib.util, sys; print([name for name in sys.argv[1:] if importlib.util.find_spec(name)])"
    names = ("model", "infra", *NAMES)
    assert _run(up.parent, environment, str(up / ".venv/bin/python"), "-c", find, *names).strip() == "[]"
    for target in ("engines", "check", "train"):
        _run(up, environment, "make", target)
    _run(up, environment, "make", "plan")
    _run(up, environment, "make", "up", "PLAN=plan.json")
    scored = _run(up, environment, "make", "score").split("\n")
    assert scored[0].split() == ["y", "model", "version"]
    assert scored[1].split()[1:] == [up.name, "1"]
    assert 0.5 < float(scored[1].split()[0]) < 1.5
    primary = next(Path(environment["WORKBENCH_HOME"]).glob("keys/*/*/*/primary")).read_text().strip()
    assert primary not in (up / "plan.json").read_text()


def test_the_churn_template_gives_a_model_and_a_manifest(
    own: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    workbench = str(own / ".venv" / "bin" / "workbench")
    _run(tmp_path, environment, workbench, "project", "new", "telco", "--template", "churn", *_ports())
    project = tmp_path / "telco"
    _share(own, project)
    (project / "data").mkdir()
    _run(project, environment, workbench, "data", "generate", "--out", "data/churn.csv", "--rows", "2000")
    _run(project, environment, "make", "train")
    assert "telco:services" in (project / "Pulumi.staging.yaml").read_text()


def test_an_old_project_runs_after_import_and_gives_a_manifest(
    own: Path, environment: dict[str, str], tmp_path: Path
) -> None:
    old = shutil.copytree(OLD, tmp_path / "churn_prediction")
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}
    workbench = str(own / ".venv" / "bin" / "workbench")
    said = _run(
        tmp_path, environment, workbench, "project", "import", str(old), "--to", "telco-old", "-o", "json", *_ports()
    )
    project = tmp_path / "telco-old"
    assert {each["verdict"] for each in json.loads(said)["remarks"]} == {"kept", "translated", "left out", "needs you"}
    assert {path: path.read_bytes() for path in old.rglob("*") if path.is_file()} == before
    _share(own, project)

    run = _run(project, environment, workbench, "experiment", "submit", "-c", "local",
               "CATelcoCustomerChurnModelingDocker.py")  # fmt: skip
    assert "Accuracy is" in run
    _run(project, environment, workbench, "history", "promote", "last", "-ap", "model.pkl", "-n", "telco-old")
    refused = subprocess.run(
        ["make", "manifest"], cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert "model.pkl is a pickle" in refused.stderr
    _run(project, environment, "make", "manifest", "UNPICKLE=--unpickle telco-old")
    assert "telco-old:services" in (project / "Pulumi.staging.yaml").read_text()
