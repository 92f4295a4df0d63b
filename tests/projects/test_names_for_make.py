"""Names that come from elsewhere and reach make, a shell or pip: a project's own files, and what it is given."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fixtures import Call
from workbench.core import grammars

HOSTILE = [
    "a$(shell touch ran).py",
    "a`touch ran`.py",
    "a;touch ran;.py",
    "a$(touch ran).py",
    "a b.py",
    "-c.py",
    "é.py",
]


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to make projects in, with a wheel that stands for the workbench's."""
    folder = tmp_path / "place"
    folder.mkdir()
    (folder / "churn_workbench-0.1.0-py3-none-any.whl").write_bytes(b"a wheel")
    monkeypatch.chdir(folder)
    return folder


def _make(project: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make with an environment that is ready, and a workbench that does nothing."""
    (project / ".venv" / "bin").mkdir(parents=True)
    (project / ".venv" / "bin" / "python").symlink_to(sys.executable)
    (project / ".venv" / "bin" / "workbench").write_text("#!/bin/sh\n")
    (project / ".venv" / "bin" / "workbench").chmod(0o755)
    (project / ".venv" / ".ready").touch()
    return subprocess.run(["make", *arguments], cwd=project, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_script_of_a_name_that_make_would_run_is_named_in_train_mk_by_another_and_not_run(
    call: Call, place: Path, name: str
) -> None:
    old = place / "old"
    (old / "aml_config").mkdir(parents=True)
    (old / "aml_config" / "docker.compute").write_text("type: docker\n")
    (old / name).write_text("import joblib\nmodel.fit(x)\njoblib.dump(model, 'outputs/model.pkl')\n")
    (old / "train.py").write_text("model.fit(x)\n")
    code, _, err = call("project", "import", "old", "--workbench", str(next(place.glob("*.whl"))), "-n", "iris")
    assert code == 0, err
    new = place / "old-imported"
    script = re.search(r"^SCRIPT \?= (.*)$", (new / "train.mk").read_text(), re.MULTILINE)
    assert script
    assert grammars.SCRIPT.fits(script[1])
    assert (new / script[1]).is_file()
    done = _make(new, "train")
    assert list(place.rglob("ran")) == [], done.stdout


def test_make_check_runs_no_name_of_a_file(call: Call, place: Path) -> None:
    code, _, err = call("project", "new", "iris", "--workbench", str(next(place.glob("*.whl"))))
    assert code == 0, err
    for name in HOSTILE:
        (place / "iris" / name).write_text("x = 1\n")
    done = _make(place / "iris", "check")
    assert (done.returncode, list(place.rglob("ran"))) == (0, []), done.stderr
    (place / "iris" / "wrong.py").write_text("x =\n")
    assert subprocess.run(["make", "check"], cwd=place / "iris", capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize(
    "source",
    [
        "x$(shell touch ran)", "x`touch ran`", 'x";touch ran;"', "x\nall:", "--index-url=http://example.com", "x#y",
        "x @ https://ada:s3cret@example.com/x.whl", "git+https://s3cret@example.com/x.git",
        "ada:s3cret@example.com/x.git", "x" * 5000,
    ],
)  # fmt: skip
def test_a_source_of_the_workbench_that_make_or_pip_would_read_more_into_is_refused(
    call: Call, place: Path, source: str
) -> None:
    code, out, err = call("project", "new", "iris", f"--workbench={source}")
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert "s3cret" not in err
    assert not (place / "iris").exists()


def test_a_wheel_of_a_hostile_name_is_refused(call: Call, place: Path) -> None:
    (place / "a$(shell touch ran).whl").write_bytes(b"a wheel")
    code, _, err = call("project", "new", "iris", "--workbench", "a$(shell touch ran).whl")
    assert (code, err.count("\n"), (place / "iris").exists()) == (1, 1, False)
