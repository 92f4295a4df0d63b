"""Old projects that differ, imported, trained, and served by the real server: no edit, no engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.ports import free_port
from tests.programs import running
from tests.projects.old import OLD_PROJECTS, as_on_windows
from tests.server.serving import KEY, OTHER_KEY, health, write_hashes
from tests.tree import TREE
from tests.waiting import patience
from workbench.projects import origin
from workbench.registry.manifests import wheels

SECONDS = 300

pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """A shell with a home of its own that knows nothing of this tree."""
    ours = ("WORKBENCH_", "PULUMI_", "VIRTUAL_ENV", "PYTHON")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
    return {**kept, "WORKBENCH_HOME": str(tmp_path_factory.mktemp("home"))}


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """A wheel of the workbench, and an environment that has it: what `make venv` makes of both."""
    folder = tmp_path_factory.mktemp("installed")
    name, data = origin.wheel(TREE)
    (folder / name).write_bytes(data)
    subprocess.run([sys.executable, "-m", "venv", str(folder / "venv")], check=True)
    python = str(folder / "venv" / "bin" / "python")
    command = [python, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", str(folder / name)]
    subprocess.run(command, check=True)
    (packages,) = (folder / "venv" / "lib").glob("python*/site-packages")
    (packages / "locked.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder / name, folder / "venv"


def _run(folder: Path, environment: dict[str, str], *command: str) -> str:
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=patience(SECONDS), check=False
    )
    assert done.returncode == 0, f"{command} ended with {done.returncode}\n{done.stdout[-4000:]}\n{done.stderr[-4000:]}"
    return done.stdout


def _imported(old: Path, installed: tuple[Path, Path], environment: dict[str, str], folder: Path) -> Path:
    wheel, venv = installed
    project = folder / f"{old.name.replace('_', '-')}-old"
    workbench = str(venv / "bin" / "workbench")
    command = [workbench, "project", "import", str(old), "--to", str(project), "--workbench", str(wheel)]
    _run(folder, environment, *command)
    (project / ".venv").symlink_to(venv)
    (project / ".venv" / ".packages").unlink(missing_ok=True)
    (project / ".venv" / ".ready").touch()
    return project


def _is_ready(port: int) -> bool:
    found = health(port)
    return found is not None and found[0] == httpx.codes.OK


def _scored(project: Path, environment: dict[str, str], folder: Path) -> Any:
    """What the server answers to the schema's own example, with the packages of the manifest alone."""
    home = Path(environment["WORKBENCH_HOME"])
    manifests = [
        json.loads(path.read_text()) | {"folder": path.parent} for path in home.glob("registry/manifests/*/*.json")
    ]
    (made,) = [each for each in manifests if each["name"] == project.name]
    service = folder / "service"
    shutil.copytree(made["folder"] / "files", service)
    shutil.copyfile(made["folder"] / "manifest.json", service / "manifest.json")
    locked = home / "registry" / "wheels" / made["runtime"]["requirements"]["sha256"]
    wheels.unpack(locked, folder / "packages")
    (folder / "keys").mkdir()
    write_hashes(folder / "keys" / f"{project.name}.json", KEY, OTHER_KEY)
    port = free_port()
    settings = {"SERVICE": project.name, "PORT": port, "FOLDER": service, "KEYS": folder / "keys", "WORKERS": 1}
    variables = {f"SCORING_{name}": str(value) for name, value in settings.items()}
    variables["PYTHONPATH"] = f"{folder / 'packages'}:{TREE}"
    url = f"http://127.0.0.1:{port}"
    command = [sys.executable, "-S", "-m", "scoring"]
    with running(command, folder / "server.log", lambda: _is_ready(port), environment=variables):
        schema = json.loads((service / "service_schema.json").read_text())
        body = {name: part["swagger"]["example"] for name, part in schema["input"].items()}
        answer = httpx.post(f"{url}/score", json=body, headers={"authorization": f"Bearer {KEY}"}, trust_env=False)
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.mark.parametrize("name", ["churn_prediction", "iris", "housing", "bikes", "reviews", "credit"])
def test_an_old_project_is_trained_and_served_without_an_edit(
    name: str, installed: tuple[Path, Path], environment: dict[str, str], tmp_path: Path
) -> None:
    old = as_on_windows(name, tmp_path) if name == "housing" else shutil.copytree(OLD_PROJECTS / name, tmp_path / name)
    before = {path: path.read_bytes() for path in old.rglob("*") if path.is_file()}

    project = _imported(old, installed, environment, tmp_path)
    _run(project, environment, "make", "train", "manifest", f"UNPICKLE=--unpickle {project.name}")
    answer = _scored(project, environment, tmp_path)

    assert {path: path.read_bytes() for path in old.rglob("*") if path.is_file()} == before
    _is_sensible[name](answer)


def _is_a_label(answer: Any) -> None:
    assert json.loads(answer) in ("0", "1")


def _is_an_iris(answer: Any) -> None:
    assert json.loads(answer).startswith("Iris-")


def _is_a_price_for_each_house(answer: Any) -> None:
    assert len(answer) == 2
    assert all(20_000 < each < 400_000 for each in answer)


def _is_a_demand_for_each_day(answer: Any) -> None:
    warm, cold = json.loads(answer)
    assert warm > cold > 0


def _is_a_good_review(answer: Any) -> None:
    assert answer["label"] == "pos"


def _is_a_risk_for_each_customer(answer: Any) -> None:
    low, high = json.loads(answer)
    assert 0 <= low < high <= 1


_is_sensible = {
    "churn_prediction": _is_a_label,
    "iris": _is_an_iris,
    "housing": _is_a_price_for_each_house,
    "bikes": _is_a_demand_for_each_day,
    "reviews": _is_a_good_review,
    "credit": _is_a_risk_for_each_customer,
}
