"""What runs write: taken whole under names that every disk takes, told where it is not, and never where it harms."""

import os
import subprocess
from pathlib import Path

import pytest

from workbench.core import confined
from workbench.core.canonical import canonical_json, entries
from workbench.experiments.runs import outputs


@pytest.fixture
def written(tmp_path: Path) -> Path:
    folder = tmp_path / "written"
    (folder / "outputs").mkdir(parents=True)
    return folder


def _write(folder: Path, *names: str) -> None:
    for name in names:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(name.encode(errors="surrogateescape").decode(errors="replace"))


def _paths(folder: Path) -> list[str]:
    return [entry["path"] for entry in entries(folder)]


def test_files_of_outputs_keep_their_names_and_others_go_beside_those_that_have_them(
    written: Path, tmp_path: Path
) -> None:
    _write(written, "outputs/model.pkl", "model.pkl", "data.csv", "outputs/beside/model.pkl", "outputs/deep/a/b")
    assert outputs.keep(written, tmp_path / "kept") == []
    found = _paths(tmp_path / "kept")
    assert found == ["beside/model.pkl", "beside/model.pkl~2", "data.csv", "deep/a/b", "model.pkl"]
    assert (tmp_path / "kept" / "beside" / "model.pkl").read_text() == "outputs/beside/model.pkl"


@pytest.mark.parametrize("names", [("outputs/a", "a/b"), ("outputs/a/b", "a"), ("outputs/a", "a/b/c", "outputs/d")])
def test_a_name_that_is_a_file_here_and_a_folder_there_loses_neither(
    written: Path, tmp_path: Path, names: tuple[str, ...]
) -> None:
    _write(written, *names)
    assert outputs.keep(written, tmp_path / "kept") == []
    assert len(_paths(tmp_path / "kept")) == len(names)


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("caf\udce9.txt", "caf%E9.txt"),
        ("a\\b", "a%5Cb"),
        ("line\nfeed", "line%0Afeed"),
        ("\x1b[31m", "%1B[31m"),
        ("d\udcff/f", "d%FF/f"),
        ("12:30.csv", "12%3A30.csv"),
        (".git::$INDEX_ALLOCATION", ".git%3A%3A$INDEX_ALLOCATION"),
        ("a\u202eb", "a%E2%80%AEb"),
        ("a\u200bb\x85", "a%E2%80%8Bb%C2%85"),
    ],
)
def test_a_name_that_is_not_utf8_or_that_harms_a_terminal_is_kept_by_another_and_told(
    written: Path, tmp_path: Path, name: str, kept: str
) -> None:
    _write(written, f"outputs/{name}", "outputs/plain")
    (line,) = outputs.keep(written, tmp_path / "kept")
    assert f"is kept as {kept}" in line
    assert line.isprintable()
    assert _paths(tmp_path / "kept") == sorted([kept, "plain"])
    canonical_json(entries(tmp_path / "kept"))  # a record can hold it


@pytest.mark.parametrize("name", ["n" * 250, "é" * 127, "\udcff" * 255, "\udcff" * 200 + ".pkl", "\n" * 255])
def test_the_longest_names_of_a_disk_are_kept_whole_or_cut_in_one_place(
    written: Path, tmp_path: Path, name: str
) -> None:
    _write(written, f"outputs/{name}", name)
    outputs.keep(written, tmp_path / "kept")
    found = _paths(tmp_path / "kept")
    assert len(found) == 2
    for path in found:
        confined.check(path)


def test_links_and_what_is_no_file_stay_behind(written: Path, tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("s3cret")
    (written / "outputs" / "link").symlink_to(tmp_path / "secret")
    (written / "outputs" / "folder").symlink_to(tmp_path)
    os.mkfifo(written / "outputs" / "pipe")
    _write(written, "outputs/file")
    assert outputs.keep(written, tmp_path / "kept") == []
    assert _paths(tmp_path / "kept") == ["file"]


def test_gits_own_folder_is_no_output(written: Path, tmp_path: Path) -> None:
    _write(written, "outputs/.git/config", ".git/hooks/pre-commit", "deep/.GIT/x", "outputs/.gitignore")
    told = outputs.keep(written, tmp_path / "kept")
    assert _paths(tmp_path / "kept") == [".gitignore"]
    assert len(told) == 3
    assert all("lies in git's own folder" in line for line in told)


def test_a_file_that_has_another_name_elsewhere_is_copied_and_that_one_keeps_its_mode(
    written: Path, tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("k")
    (tmp_path / "key").chmod(0o600)
    (written / "outputs" / "key").hardlink_to(tmp_path / "key")
    outputs.keep(written, tmp_path / "kept")
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    assert (tmp_path / "kept" / "key").stat().st_nlink == 1


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    _write(folder, ".git/config", ".env", "train.py", "secrets/key", "data.csv", "venv/pyvenv.cfg", "folder/file")
    (folder / ".amlignore").write_text("secrets\n*.csv\n# a word\n")
    return folder


@pytest.mark.parametrize(
    "name",
    [
        ".git/hooks/pre-commit", ".git/config", "deep/.git/hooks/x", ".GIT/config", ".env", ".ssh/authorized_keys",
        ".gitlab-ci.yml", "a/.hidden/b", "secrets/key", "secrets/new", "SECRETS/../x", "data.csv", "venv/bin/python",
        "folder", "train.py/x", ".amlignore", "outputs/.git/config",
    ],
)  # fmt: skip
def test_what_runs_do_not_get_to_see_they_do_not_change(written: Path, project: Path, name: str) -> None:
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    _write(written, os.path.normpath(name) if "/../" not in name else "Secrets/../.env", "result.txt")
    given, told = outputs.give_back(written, project)
    assert given == ["result.txt"]
    assert len(told) == 1
    assert "is not given back" in told[0]
    after = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    assert after == {**before, project / "result.txt": b"result.txt"}


def test_what_a_run_may_change_is_given_back_over_what_is_there(written: Path, project: Path) -> None:
    names = ["train.py", "new/model.pkl", "outputs/model.csv", "outputs/.hidden", "predictions.csv"]
    _write(written, *names)
    (written / "train.py").chmod(0o6755)
    given, told = outputs.give_back(written, project)
    assert (sorted(given), told) == (sorted(names), [])
    assert (project / "train.py").stat().st_mode & 0o7777 == 0o755


def test_a_name_that_is_given_back_by_another_is_told(written: Path, project: Path) -> None:
    _write(written, "12:30.csv.txt")
    given, told = outputs.give_back(written, project)
    assert given == ["12%3A30.csv.txt"]
    assert told == ["'12:30.csv.txt' is kept as 12%3A30.csv.txt: that name every disk takes"]


def test_nothing_is_given_back_through_a_link_of_the_project(written: Path, project: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_text("mine")
    (project / "linked").symlink_to(tmp_path / "elsewhere")
    (project / "model.pkl").symlink_to(tmp_path / "elsewhere" / "file")
    (project / "gone").symlink_to(tmp_path / "elsewhere" / "new")
    _write(written, "linked/file", "linked/new", "model.pkl", "gone", "fine")
    given, told = outputs.give_back(written, project)
    assert given == ["fine"]
    assert len(told) == 4
    assert [path.read_text() for path in (tmp_path / "elsewhere").iterdir()] == ["mine"]


def test_many_lines_are_told_by_the_first_of_them() -> None:
    said: list[str] = []
    outputs.tell([str(number) for number in range(1000)], said.append)
    assert said == ["0", "1", "2", "3", "4", "and 995 more"]


DECIDES = [
    "Makefile", "makefile", "sub/GNUmakefile", "train.mk", "Pulumi.yaml", "Pulumi.staging.yaml", "Pulumi.prod.yml",
    "pulumi.JSON", "deep/Pulumi.staging.json", "PulumiPolicy.yaml", "infra/__main__.py", "INFRA/__main__.py",
    "deployment/json.py", "promotions/churn/1.json", "aml_config/docker.runconfig", "sub/aml_config/local.runconfig",
    "policies/__main__.py", "requirements.txt", "pyproject.toml", "setup.py", "hooks/pre-commit", "outputs/hooks/x",
    "serving/__main__.py", "serving/yaml.py", "shared.gitconfig",
]  # fmt: skip


def _git(project: Path, *arguments: str) -> None:
    environment = {"PATH": os.environ["PATH"], "GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", *arguments], cwd=project, env=environment, check=True, capture_output=True)


@pytest.mark.parametrize("there", [True, False], ids=["there", "new"])
@pytest.mark.parametrize("name", DECIDES)
def test_what_decides_what_a_person_runs_next_is_not_given_back(
    written: Path, tmp_path: Path, name: str, there: bool
) -> None:
    project = tmp_path / "project"
    project.mkdir()
    _git(project, "init", "-q")
    _git(project, "config", "core.hooksPath", "outputs/hooks" if name.startswith("outputs") else "hooks")
    _git(project, "config", "include.path", "../shared.gitconfig")
    (project / "shared.gitconfig").write_text("[user]\n\tname = Ada\n")
    (project / "Pulumi.yaml").write_text("name: churn\nruntime: python\nmain: serving\n")
    if there:
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text((project / name).read_text() if (project / name).exists() else "mine")
    before = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    _write(written, name, "result.txt", "outputs/Makefile")
    given, told = outputs.give_back(written, project)
    assert sorted(given) == ["outputs/Makefile", "result.txt"]
    assert len(told) == 1
    assert name in told[0]
    assert "it decides what you run next" in told[0]
    after = {path: path.read_bytes() for path in project.rglob("*") if path.is_file()}
    after = {path: data for path, data in after.items() if path.relative_to(project).as_posix() not in given}
    assert after == before


def test_all_that_decides_what_a_person_runs_next_is_told_in_one_line(written: Path, project: Path) -> None:
    _write(written, *(f"{number}.mk" for number in range(9)), "result.txt", "Make\nfile/x.mk")
    given, told = outputs.give_back(written, project)
    assert given == ["result.txt"]
    (line,) = told
    assert line == (
        "'0.mk', '1.mk', '2.mk', '3.mk', '4.mk' and 5 more are not given back: they decide what you run next; "
        "write to outputs/"
    )


def test_the_hooks_of_a_repository_above_the_project_are_not_given_back(written: Path, tmp_path: Path) -> None:
    project = tmp_path / "repository" / "project"
    project.mkdir(parents=True)
    _git(project.parent, "init", "-q")
    _git(project.parent, "config", "core.hooksPath", "project/caf\udce9")
    _write(written, "caf%E9/pre-commit", "fine/pre-commit")
    (project / "linked").symlink_to(project / "caf%E9")
    _git(project.parent, "config", "core.hooksPath", "project/linked")
    given, told = outputs.give_back(written, project)
    assert (given, len(told)) == (["fine/pre-commit"], 1)
