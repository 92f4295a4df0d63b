"""New projects: names, places, files."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from tests.fixtures import Call
from tests.tree import TREE
from workbench.projects import origin

WHEEL = "churn_workbench-0.1.0-py3-none-any.whl"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to make projects in, with a wheel that stands for the workbench's."""
    folder = tmp_path / "place"
    folder.mkdir()
    (tmp_path / WHEEL).write_bytes(b"a wheel")
    monkeypatch.chdir(folder)
    return folder


def _new(call: Call, place: Path, *arguments: str) -> tuple[int, str, str]:
    return call("project", "new", *arguments, "--workbench", str(place.parent / WHEEL))


@pytest.mark.parametrize(
    ("template", "own"),
    [
        ("blank", "train.py score.py training.yaml"),
        ("churn", "model/train.py scoring/score.py training.yaml"),
        ("lab", "train.py score.py model/sample.py"),
    ],
)
def test_a_new_project_has_all_that_it_needs(call: Call, place: Path, template: str, own: str) -> None:
    code, _, err = _new(call, place, "iris", "--template", template, "--gateway-port", "9000")
    assert code == 0, err
    project = place / "iris"
    needed = "Makefile infra/__main__.py aml_config/local.compute .gitignore .gitlab-ci.yml"
    for name in [*needed.split(), *own.split()]:
        assert (project / name).is_file(), name
    pulumi = yaml.safe_load((project / "Pulumi.yaml").read_text())
    staging = yaml.safe_load((project / "Pulumi.staging.yaml").read_text())
    prod = yaml.safe_load((project / "Pulumi.prod.yaml").read_text())
    assert (pulumi["name"], pulumi["main"]) == ("iris", "infra")
    assert (staging["config"]["iris:gatewayPort"], prod["config"]["iris:gatewayPort"]) == ("9000", "9001")
    assert (project / "vendor" / WHEEL).read_bytes() == b"a wheel"
    assert "@{" not in "".join(
        path.read_text() for path in project.rglob("*") if path.is_file() and path.suffix != ".whl"
    )


@pytest.mark.parametrize("name", ["Iris", "a", "-iris", "iris-", "iris--x", "1iris", "../iris", "x" * 33, "a b"])
def test_a_name_that_cannot_be_is_refused_in_one_line(call: Call, place: Path, name: str) -> None:
    code, out, err = _new(call, place, "--", name) if name.startswith("-") else _new(call, place, name)
    assert code != 0
    assert (out, err.count("\n")) == ("", 1)
    assert list(place.iterdir()) == []


def test_a_folder_that_holds_something_is_left_alone(call: Call, place: Path) -> None:
    (place / "iris").mkdir()
    (place / "iris" / "mine.txt").write_text("mine")
    code, _, err = _new(call, place, "iris")
    assert (code, err.count("\n")) == (1, 1)
    assert "is there and not empty" in err
    assert [path.name for path in (place / "iris").iterdir()] == ["mine.txt"]


def test_the_churn_template_is_this_repositorys_own_project(call: Call, place: Path) -> None:
    assert _new(call, place, "iris", "--template", "churn")[0] == 0
    for folder in ("infra", "model", "scoring", "aml_config"):
        own = {path.relative_to(TREE): path.read_bytes() for path in _files(TREE / folder)}
        made = {path.relative_to(place / "iris"): path.read_bytes() for path in _files(place / "iris" / folder)}
        assert made == own
    assert (place / "iris" / "training.yaml").read_bytes() == (TREE / "training.yaml").read_bytes()


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]


def test_an_empty_folder_is_filled(call: Call, place: Path) -> None:
    (place / "iris").mkdir()
    assert _new(call, place, "iris")[0] == 0
    assert (place / "iris" / "train.py").is_file()


def test_a_dry_run_writes_nothing(call: Call, place: Path) -> None:
    code, out, _ = _new(call, place, "iris", "--dry-run")
    assert code == 0
    assert "would write iris/train.py" in out
    assert list(place.iterdir()) == []


def test_where_no_project_can_be_the_word_is_one_line(call: Call, place: Path) -> None:
    code, _, err = _new(call, place, "iris", "--to", "nowhere/iris")
    assert (code, err.count("\n")) == (1, 1)
    assert "there is no such folder" in err


@pytest.mark.parametrize("leads_to", ["nowhere", "empty"])
def test_a_link_in_the_place_of_the_project_is_told_and_nothing_is_written(
    call: Call, place: Path, leads_to: str
) -> None:
    (place / "empty").mkdir()
    (place / "iris").symlink_to(leads_to)
    code, _, err = _new(call, place, "iris")
    assert (code, err) == (1, f"error: iris: is a link to {leads_to}; name a folder, or remove the link\n")
    assert sorted(path.name for path in place.iterdir()) == ["empty", "iris"]
    assert list((place / "empty").iterdir()) == []


@pytest.mark.parametrize(("name", "words"), [("none", "there is no such folder"), ("file", "is no folder")])
def test_an_old_project_that_is_no_folder_is_told(call: Call, place: Path, name: str, words: str) -> None:
    (place / "file").touch()
    code, out, err = call("project", "import", name)
    assert (code, out, err) == (1, "", f"error: {name}: {words}; give that of the old project\n")
    assert [path.name for path in place.iterdir()] == ["file"]


@pytest.mark.parametrize("template", ["blank", "churn", "lab"])
def test_workflows_and_readme_call_only_targets_that_are_there(call: Call, place: Path, template: str) -> None:
    _new(call, place, "iris", "--template", template)
    project = place / "iris"
    texts = [path.read_text() for path in project.glob(".github/workflows/*.yml")]
    texts += [(project / ".gitlab-ci.yml").read_text(), (project / "README.md").read_text()]
    called = {word for text in texts for word in _targets(text)}
    assert {"check", "engines", "preview", "up", "plan", "score", "train"} <= called
    for target in called:
        done = subprocess.run(["make", "--dry-run", target], cwd=project, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{target}: {done.stderr}"


def test_no_workflow_gives_foreign_code_rights(call: Call, place: Path) -> None:
    _new(call, place, "iris")
    preview = yaml.safe_load((place / "iris" / ".github/workflows/preview.yml").read_text())
    assert preview[True] == "pull_request", "never pull_request_target, which runs foreign code with secrets"
    assert preview["permissions"] == {"contents": "read"}
    for name, job in preview["jobs"].items():
        uses = [step.get("uses", "") for step in job["steps"]]
        writes = "write" in str(job.get("permissions", ""))
        assert not (writes and any("checkout" in each for each in uses)), name
        assert writes or "secrets." not in str(job) + str(job.get("env", "")), name
    assert "head.repo.full_name == github.repository" in preview["jobs"]["preview"]["if"]


@pytest.mark.slow
def test_a_wheel_of_this_tree_holds_every_file_of_its_packages(tmp_path: Path) -> None:
    import tomllib
    import zipfile

    name, content = origin.wheel(TREE)
    (tmp_path / name).write_bytes(content)
    held = set(zipfile.ZipFile(tmp_path / name).namelist())
    declared = tomllib.loads((TREE / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]["find"]["include"]
    packages = [each.removesuffix("*") for each in declared]
    listed = subprocess.run(
        ["git", "-C", str(TREE), "ls-files", *packages], check=True, capture_output=True, text=True
    ).stdout.split()
    assert {each for each in listed if (TREE / each).is_file()} - held == set()


def _targets(text: str) -> list[str]:
    import re

    return re.findall(r"(?:run: |- |^)make ([a-z]+)", text, re.MULTILINE)
