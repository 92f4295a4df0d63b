"""What is chosen of an old project, what stays, and what only a person can mend."""

from __future__ import annotations

from pathlib import Path

from tests.projects.old import INDEX, OLD_PROJECTS, content, minimal
from workbench.projects.old import LEFT_OUT, NEEDS_YOU, project, training

TRAIN = "import pickle\nimport sklearn.svm\nmodel = sklearn.svm.SVC().fit([[0], [1]], [0, 1])\n"
TRAIN += "pickle.dump(model, open('model.pkl', 'wb'))\n"
SCORE = "import pickle\ndef init():\n    global m\n    m = pickle.load(open('model.pkl', 'rb'))\n"
SCORE += "def run(x):\n    return m.predict(x)\n"


def _read(old: Path) -> project.Imported:
    return project.read(old, "old-project", INDEX)


def _why(found: project.Imported, file: str, verdict: str = LEFT_OUT) -> str:
    (remark,) = [each for each in found.remarks if each.file == file and each.verdict == verdict]
    return remark.why


def test_a_script_that_can_run_is_chosen_before_one_that_imports_what_is_gone() -> None:
    found = project.read(OLD_PROJECTS / "iris", "iris", INDEX)
    assert found.plan.choice.training == "iris_sklearn.py"
    assert found.plan.choice.score == found.plan.choice.schema == "iris_score.py"
    assert found.plan.choice.outputs == ("outputs/model.pkl",)


def test_documents_stay_and_outputs_of_old_runs_are_left_out() -> None:
    found = project.read(OLD_PROJECTS / "iris", "iris", INDEX)
    assert content(found, "docs/iris.md") == b"How the team works with Iris.\n"
    assert content(found, "docs/outputs/notes.txt") == b"A document, not an output.\n"
    assert "outputs/old.txt" not in found.files
    assert "old runs" in _why(found, "outputs/")


def test_what_only_a_person_can_mend_is_said_and_no_next_command_fails(tmp_path: Path) -> None:
    gone = "from azureml.dataprep import package\ndf = package.run('a.dprep')\n" + TRAIN
    found = _read(minimal(tmp_path, train__py=gone))
    needed = [f"{each.file} {each.why}" for each in found.remarks if each.verdict == NEEDS_YOU]
    assert any("imports azureml.dataprep, which is gone" in each for each in needed)
    assert any("no script has init() and run()" in each for each in needed)
    assert training.following(found.plan) == "make engines"


def test_data_that_is_read_and_not_there_is_told_of_with_its_line(tmp_path: Path) -> None:
    train = "import pandas as pd\n\ndf = pd.read_csv('data/lost.csv')\n" + TRAIN
    found = _read(minimal(tmp_path, train__py=train, score__py=SCORE))
    (remark,) = [each for each in found.remarks if each.what == "data/lost.csv"]
    assert (remark.file, remark.line, remark.verdict) == ("train.py", 3, NEEDS_YOU)


def test_a_notebook_is_kept_and_told_of(tmp_path: Path) -> None:
    found = _read(minimal(tmp_path, explore__ipynb='{"cells": []}', train__py=TRAIN))
    assert content(found, "explore.ipynb") == b'{"cells": []}'
    assert "is a notebook" in _why(found, "explore.ipynb", NEEDS_YOU)
