from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.experiments.configurations import conda, packages
from workbench.experiments.configurations.run_configuration import RunConfiguration
from workbench.experiments.configurations.settings_file import ConfigurationError

PYTHON = "3.11"
MakeWheel = Callable[..., Path]


def _file(tmp_path: Path, *lines: str, pip: tuple[str, ...] = ()) -> Path:
    path = tmp_path / "conda_dependencies.yml"
    text = "name: project_environment\ndependencies:\n" + "".join(f"  - {line}\n" for line in lines)
    text += "  - pip:\n" + "".join(f"    - {line}\n" for line in pip) if pip else ""
    path.write_text(text)
    return path


@pytest.mark.parametrize(
    ("line", "requirement"),
    [
        ("numpy", "numpy"),
        ("numpy=1.26", "numpy==1.26.*"),
        ("numpy=1.26.*", "numpy==1.26.*"),
        ("numpy==1.26.4", "numpy==1.26.4"),
        ("numpy=1.26.4=py311h64a7726_0", "numpy==1.26.4"),
        ("numpy 1.26.4", "numpy==1.26.4"),
        ('"numpy>=1.26,<3"', "numpy<3,>=1.26"),
        ('"numpy >=1.26.*, <3"', "numpy<3,>=1.26"),
        ('"numpy !=2.0.1"', "numpy!=2.0.1"),
        ("conda-forge::scikit-learn=1.5", "scikit-learn==1.5.*"),
        ("pytorch=2.4", "torch==2.4.*"),
        ("py-xgboost", "xgboost"),
        ("ruamel_yaml", "ruamel.yaml"),
        ("Pandas", "pandas"),
        ("numpy 1.26.4 py311h64a7726_0", "numpy==1.26.4"),
        ("numpy==1.26.4=py311h64a7726_0", "numpy==1.26.4"),
        ("numpy=1.26.*=py311*", "numpy==1.26.*"),
        ('"numpy=1.26,!=1.26.1"', "numpy!=1.26.1,==1.26.*"),
        ("numpy *", "numpy"),
        ("numpy=*=mkl*", "numpy"),
        ("numpy=1.26.0rc1", "numpy==1.26.0rc1"),
        ("pytz=2023.3.post1=pyhd8ed1ab_0", "pytz==2023.3.post1"),
        ("tzdata=2023c", "tzdata==2023.3.*"),
        ("tzdata 2024a h0c530f3_0", "tzdata==2024.1"),
        ('"tzdata>=2023c"', "tzdata>=2023.3"),
    ],
)
def test_condas_ways_of_writing_become_pypis(tmp_path: Path, line: str, requirement: str) -> None:
    assert conda.read(_file(tmp_path, line), PYTHON).requirements == [requirement]


def test_renaming_and_leaving_out_is_said_by_line(tmp_path: Path) -> None:
    lines = ("python=3.11", "pytorch", "mkl=2024", "libgcc-ng", "pip", "numpy=1.26=abc")
    path = _file(tmp_path, *lines, pip=("azure-ml-api-sdk==0.1",))
    found = conda.read(path, PYTHON)
    assert found.requirements == ["torch", "numpy==1.26"]
    assert found.remarks == [
        "line 4: pytorch is torch on PyPI",
        "line 5: mkl=2024 is left out: wheels bring their own",
        "line 6: libgcc-ng is left out: wheels bring their own",
        "line 8: the build in numpy=1.26=abc is conda's own and left out",
        "line 10: azure-ml-api-sdk==0.1 is left out: retired; every run has azureml.logging",
    ]


@pytest.mark.parametrize("line", ["python=3.11", "python==3.11.4", '"python>=3.8"', '"python>=3.8,<3.12"', "python"])
def test_a_python_that_runs_have_is_taken(tmp_path: Path, line: str) -> None:
    assert conda.read(_file(tmp_path, line), PYTHON).requirements == []


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("python=3.5.2", "line 3: 'python=3.5.2' can't be had: runs have Python 3.11; write python=3.11"),
        ('"python<3.11"', "can't be had"),
        ("r-base=4.3", "line 3: 'r-base=4.3' is not a Python package: no index has it"),
        ("cudatoolkit=11.8", "baseDockerImage"),
        ("openjdk", "is not a Python package"),
        ('"numpy=1.2|1.3"', "has a version that PyPI does not know how to read"),
        ("numpy[version='>=1']", "has a version that PyPI does not know how to read"),
        ("-numpy", "is no package and version"),
        ("sqlglot=23c", "has a version that ends in a letter, which PyPI does not have; write sqlglot>=1.2"),
        ("numpy=1.2_3.4", "is no package and version that PyPI knows how to read"),
        ("numpy=2019-02-30", "is no package and version that PyPI knows how to read"),
        (
            r'"tabulate>=0.8\n--index-url http://example.com/${CI_JOB_TOKEN}/simple"',
            r"line 3: 'tabulate>=0.8\n--index-url http://example.com/${CI_JOB_TOKEN}/simple' is no package and version",
        ),
        (r'"tabulate\n>=0.8"', "is no package and version"),
        (r'"tabulate\r>=0.8"', "is no package and version"),
        ('"tabulate ${TOKEN}"', "has a version that PyPI does not know how to read"),
        ("12: 3", "takes a package such as numpy=2, or pip: with a list"),
    ],
)
def test_what_no_index_has_is_refused_by_line(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        conda.read(_file(tmp_path, line), PYTHON)
    assert words in str(caught.value)
    assert str(caught.value).startswith(str(tmp_path / "conda_dependencies.yml"))


ZEROS = f"tabulate==0.9.0 --hash=sha256:{'0' * 64}"


@pytest.mark.parametrize(
    "line", ["numpy", "numpy==1.26.4", "uvicorn[standard]>=0.3", 'numpy<2; python_version < "4"', ZEROS]
)
def test_requirements_of_pip_are_taken_as_they_are(tmp_path: Path, line: str) -> None:
    assert conda.read(_file(tmp_path, pip=(line,)), PYTHON).requirements == [line]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("-r other.txt", "is an option of pip's"),
        (
            '"--index-url https://ada:pw@example.com"',
            "'--index-url https://***@example.com' is an option of pip's: name packages here, and indexes in pip's own",
        ),
        ('"-e ."', "is an option of pip's"),
        ('"git+https://example.com/x.git"', "is no package of an index"),
        ('"x @ https://example.com/x.whl"', "is no package of an index"),
        ("./x.whl", "is no package of an index"),
        ("3", "3 is no requirement"),
        (
            r'"tabulate>=0.8\n--index-url http://ada:pw@example.com/${CI_JOB_TOKEN}/simple"',
            r"'tabulate>=0.8\n--index-url http://***@example.com/${CI_JOB_TOKEN}/simple' is no package of an index",
        ),
        ("\"tabulate; os_name == '${CI_JOB_TOKEN}'\"", "is no package of an index"),
        ('"tabulate --index-url https://example.com"', "has an option of pip's; only --hash=sha256:"),
        ('"tabulate==1 --hash=sha256:0"', "only --hash=sha256:… with 64 hex digits"),
        (f'"tabulate==1 --hash=sha256:{"0" * 64} --pre"', "has an option of pip's"),
        (f'"tabulate>=1 --hash=sha256:{"0" * 64}"', "has hashes, which belong to one version"),
        (f'"{"x" * 501}"', "is longer than 500 letters"),
    ],
)
def test_what_cannot_be_locked_is_refused_also_for_pip(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        conda.read(_file(tmp_path, pip=(line,)), PYTHON)
    assert "line 4: " in str(caught.value)
    assert words in str(caught.value)


def test_all_that_cannot_be_had_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as caught:
        conda.read(_file(tmp_path, "git", "numpy", "r", "perl", "cmake"), PYTHON)
    message = str(caught.value)
    assert [word in message for word in ("'git'", "'numpy'", "'r'", "'perl'", "'cmake'", "(and 1 more)")] == [
        True, False, True, True, False, True,
    ]  # fmt: skip


def _configuration(tmp_path: Path, framework: str = "Python") -> RunConfiguration:
    return RunConfiguration(
        name="docker",
        target="docker",
        framework=framework,  # type: ignore[arg-type]  # the tests give the two that there are
        conda_dependencies=tmp_path / "conda_dependencies.yml",
        spark_dependencies=tmp_path / "spark_dependencies.yml",
    )


def _offline(monkeypatch: pytest.MonkeyPatch, links: Path) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("UV_OFFLINE", "1")
    monkeypatch.setenv("UV_CACHE_DIR", str(links.parent / "uv"))
    for tool in ("PIP", "UV"):
        monkeypatch.setenv(f"{tool}_FIND_LINKS", str(links))


@pytest.mark.slow
def test_equal_dependencies_have_equal_locks_and_are_fetched_once(
    tmp_path: Path, root: Path, make_wheel: MakeWheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel("tiny")
    make_wheel("other")
    _offline(monkeypatch, tmp_path / "links")
    said: list[str] = []
    _file(tmp_path, "python=3.11", "tiny=1.0")
    first = packages.fetch(_configuration(tmp_path), said.append, root)
    assert [wheel.name for folder in first.folders for wheel in folder.glob("*.whl")] == ["tiny-1.0-py3-none-any.whl"]
    assert "fetching 1 wheel for Python 3.11" in said
    said.clear()
    _file(tmp_path, "tiny 1.0.*")
    assert packages.fetch(_configuration(tmp_path), said.append, root).digest == first.digest
    assert [line for line in said if line.startswith("fetching")] == []
    _file(tmp_path, "tiny", "other")
    assert packages.fetch(_configuration(tmp_path), said.append, root).digest != first.digest
    _file(tmp_path, "python=3.11")
    assert packages.fetch(_configuration(tmp_path), said.append, root).folders == ()


def test_a_package_without_wheels_is_told_with_the_file_that_asks_for_it(
    tmp_path: Path, root: Path, make_wheel: MakeWheel, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_wheel("tiny")
    _offline(monkeypatch, tmp_path / "links")
    _file(tmp_path, "tiny", "elsewhere=2")
    with pytest.raises(ConfigurationError) as caught:
        packages.fetch(_configuration(tmp_path), lambda _line: None, root)
    message = str(caught.value)
    assert message.startswith(f"{tmp_path / 'conda_dependencies.yml'}: cannot be locked")
    assert "elsewhere" in message
    assert "must have wheels on the index" in message


def test_pyspark_is_that_of_the_platform(tmp_path: Path, root: Path) -> None:
    _file(tmp_path, "pyspark=2.1")
    with pytest.raises(ConfigurationError, match=r'write Framework: "PySpark" in docker.runconfig'):
        packages.fetch(_configuration(tmp_path), lambda _line: None, root)
    with pytest.raises(ConfigurationError, match=r"pyspark==2.1.\*: runs have pyspark 4"):
        packages.fetch(_configuration(tmp_path, "PySpark"), lambda _line: None, root)
