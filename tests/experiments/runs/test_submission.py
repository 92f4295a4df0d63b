from pathlib import Path

import pytest

from workbench.core.errors import ParameterError, RunError
from workbench.experiments.configurations.run_configuration import RunConfiguration
from workbench.experiments.runs import submission
from workbench.experiments.targets.snapshot import take


def _configuration(folder: Path, **given: object) -> RunConfiguration:
    paths = {"conda_dependencies": folder / "c.yml", "spark_dependencies": folder / "s.yml"}
    return RunConfiguration(name="local", target="local", **paths, **given)  # type: ignore[arg-type]  # by each test


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "project"
    (folder / "code").mkdir(parents=True)
    (folder / "train.py").write_text("print(1)\n")
    (folder / "code" / "deep.py").write_text("print(2)\n")
    (folder / "churn.csv").write_text("a\n1\n")
    (tmp_path / "big.csv").write_text("a\n2\n")
    monkeypatch.chdir(folder)
    return folder


def test_arguments_are_those_configured_and_those_given(project: Path) -> None:
    configuration = _configuration(
        project, arguments=("$file", "--depth", "4"), substitutions={"big.csv": "churn.csv"}
    )  # fmt: skip
    found = submission.read(configuration, project, "train.py", ["--data", "big.csv"])
    assert found.words == ("train.py", "--depth", "4", "--data", "churn.csv")
    assert (found.script, found.folder, found.elsewhere) == ("train.py", ".", {})
    assert found.files == {"churn.csv": project / "churn.csv"}
    assert found.parameters() == {"depth": 4, "data": "churn.csv"}


def test_a_script_runs_in_the_folder_it_was_submitted_from(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(project / "code")
    found = submission.read(_configuration(project), project, "../train.py", ["../churn.csv", "deep.py"])
    assert (found.script, found.folder) == ("train.py", "code")
    assert found.words == ("../train.py", "../churn.csv", "deep.py")
    assert set(found.files) == {"../churn.csv", "deep.py"}


@pytest.mark.parametrize("form", ["{}", "--data={}"])
def test_a_file_of_elsewhere_goes_along_beside_the_project(project: Path, tmp_path: Path, form: str) -> None:
    word = form.format(tmp_path / "big.csv")
    found = submission.read(_configuration(project), project, "train.py", [word])
    assert found.elsewhere == {"1-big.csv": tmp_path / "big.csv"}
    assert found.words == ("train.py", form.format("../data/1-big.csv"))
    assert found.given == (word,)
    assert list(submission.digests(found.files)) == [str(tmp_path / "big.csv")]


def test_a_script_that_is_not_there_or_not_in_the_project_is_refused(project: Path, tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match=r"none.py: there is no such script in "):
        submission.read(_configuration(project), project, "none.py", [])
    (tmp_path / "other.py").touch()
    with pytest.raises(ParameterError, match="lies outside of the project"):
        submission.read(_configuration(project), project, "../other.py", [])


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["--depth", "4", "--rate=0.5", "-v"], {"depth": 4, "rate": 0.5, "v": True}),
        (["churn.csv", "--seed", "-1"], {"argument.1": "churn.csv", "seed": -1}),
        (["--x", "1", "--x", "2", "--x", "3"], {"x": [1, 2, 3]}),
        (["--flag", "--name", "a=b"], {"flag": True, "name": "a=b"}),
        (["--rate", "nan", "--bound", "inf"], {"rate": "nan", "bound": "inf"}),
        (["--api-key", "s3cret", "--password=s3cret"], {"api-key": "***", "password": "***"}),
    ],
)
def test_arguments_become_parameters_by_name(arguments: list[str], expected: dict[str, object]) -> None:
    assert submission.parameters(arguments) == expected


@pytest.mark.parametrize(
    ("name", "secret"),
    [("API_KEY", True), ("key", True), ("AZURE_STORAGE_SAS", True), ("DB_PASSWORD", True), ("TOKEN_FILE", True),
     ("CONNECTION_STRING", True), ("keyboard", False), ("PATH", False), ("monkey", False), ("EXAMPLE_ENV_VAR", False)],
)  # fmt: skip
def test_secrets_are_known_by_their_names_and_never_recorded(name: str, secret: bool) -> None:
    assert submission.is_secret(name) is secret
    hidden = "***" if secret else "value"
    assert submission.masked({name: "value"}) == {name: hidden}
    assert submission.masked_arguments([f"--{name}", "value", "x"]) == [f"--{name}", hidden, "x"]
    assert submission.masked_arguments([f"--{name}=value", "x"]) == [f"--{name}={hidden}", "x"]


def test_a_snapshot_holds_the_project_and_not_what_lies_in_its_way(project: Path, tmp_path: Path) -> None:
    for name in (".git/config", ".env", "venv/pyvenv.cfg", "venv/lib/x.py", "__pycache__/a.pyc", "outputs/model.pkl",
                 "code/outputs/kept.txt", "notes/draft.txt", "big.bin"):  # fmt: skip
        (project / name).parent.mkdir(parents=True, exist_ok=True)
        (project / name).write_text("1")
    (project / "link.csv").symlink_to(tmp_path / "big.csv")
    (project / "code" / "up").symlink_to(project)
    (project / ".amlignore").write_text("# not needed\nnotes/\n*.bin\nchurn.csv\n")
    assert list(take(project).files) == [
        "code/deep.py", "code/outputs/kept.txt", "link.csv", "train.py",
    ]  # fmt: skip
    assert "churn.csv" in take(project, [project / "churn.csv", tmp_path / "big.csv"]).files


def test_a_snapshots_digest_is_that_of_names_and_contents(project: Path) -> None:
    first = take(project).digest()
    (project / "train.py").touch()
    assert take(project).digest() == first
    (project / "train.py").write_text("print(3)\n")
    second = take(project).digest()
    (project / "train.py").rename(project / "other.py")
    assert len({first, second, take(project).digest()}) == 3


def test_too_much_to_send_is_told_with_the_largest_file(project: Path) -> None:
    with (project / "huge.bin").open("wb") as file:
        file.truncate(3 * 1024**3)
    with pytest.raises(RunError, match=r"more than 2 GB to send along, most of it huge.bin; name .* in .amlignore"):
        take(project)
