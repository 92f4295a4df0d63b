"""Workflows of this repository and of the projects it makes: valid by actionlint, and calling what people call."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
import yaml

from tests.go_programs import ensure_program
from workbench.toolchain.places import PROJECT

TEMPLATE = PROJECT / "workbench" / "projects" / "templates" / "common"
FOLDERS = (PROJECT / ".github", TEMPLATE / "dot.github")


@pytest.fixture(scope="module")
def linter(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """actionlint, built from its Go module once and kept in the cache."""
    return ensure_program("actionlint", tmp_path_factory.mktemp("logs"))


def _lint(linter: Path, folder: Path, workflow: Path) -> subprocess.CompletedProcess[str]:
    config = folder / "actionlint.yaml"
    command = [str(linter), "-shellcheck=", "-pyflakes=", *(["-config-file", str(config)] if config.exists() else [])]
    return subprocess.run([*command, str(workflow)], cwd=PROJECT, capture_output=True, text=True, check=False)


@pytest.mark.long
@pytest.mark.parametrize("folder", FOLDERS, ids=["ours", "projects"])
def test_actionlint_finds_nothing(linter: Path, folder: Path) -> None:
    workflows = sorted(folder.glob("workflows/*.yml"))
    assert workflows
    for workflow in workflows:
        done = _lint(linter, folder, workflow)
        assert done.returncode == 0, done.stdout


@pytest.mark.long
def test_actionlint_would_find_what_is_wrong(linter: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken.yml"
    broken.write_text(
        (TEMPLATE / "dot.github/workflows/preview.yml").read_text().replace("needs: check", "needs: chek")
    )
    assert "chek" in _lint(linter, TEMPLATE / "dot.github", broken).stdout


def test_our_workflows_call_targets_of_the_makefile() -> None:
    known = set(re.findall(r"^([a-z-]+):", (PROJECT / "Makefile").read_text(), re.MULTILINE))
    texts = [path.read_text() for path in (PROJECT / ".github/workflows").glob("*.yml")]
    texts.append((PROJECT / ".gitlab-ci.yml").read_text())
    for text in texts:
        called = set(re.findall(r"(?:run: |- )make ([a-z-]+)", text))
        assert called
        assert called <= known


@pytest.mark.parametrize("path", [PROJECT / ".gitlab-ci.yml", TEMPLATE / "dot.gitlab-ci.yml"], ids=["ours", "projects"])
def test_every_job_of_gitlab_has_a_known_stage_and_says_when_it_runs(path: Path) -> None:
    document = yaml.safe_load(path.read_text())
    jobs = {name: job for name, job in document.items() if isinstance(job, dict) and "script" in job}
    assert jobs
    for name, job in jobs.items():
        assert job["stage"] in document["stages"], name
        assert job["rules"], name
        assert job.get("extends", ".at-the-engine") in {*document, ".at-the-engine"}, name
        assert set(job.get("needs", [])) <= jobs.keys(), name
    by_hand = [name for name, job in jobs.items() if any(rule.get("when") == "manual" for rule in job["rules"])]
    assert by_hand == (["prod"] if "prod" in jobs else [])
