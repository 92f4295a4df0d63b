import subprocess
import sys
from pathlib import Path

import pytest

from tests.tree import TREE
from workbench.core.errors import ParameterError
from workbench.experiments.configurations import compute, run_configuration
from workbench.experiments.configurations.settings_file import ConfigurationError

LAB = """\
ArgumentVector:
  - "$file"
Target: "docker"
EnvironmentVariables:
  "EXAMPLE_ENV_VAR": "Example Value"
Framework: "PySpark"
CondaDependenciesFile: "aml_config/conda_dependencies.yml"
SparkDependenciesFile: "aml_config/spark_dependencies.yml"
PrepareEnvironment: true
TrackedRun: true
"""


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "churn_prediction"
    (folder / "aml_config").mkdir(parents=True)
    monkeypatch.chdir(folder)
    return folder


def _write(project: Path, name: str, text: str) -> None:
    (project / "aml_config" / name).write_text(text)


def test_the_labs_own_file_is_read(project: Path) -> None:
    _write(project, "docker.runconfig", LAB)
    found = run_configuration.load(project, "docker")
    assert (found.target, found.framework, found.arguments) == ("docker", "PySpark", ("$file",))
    assert found.environment == {"EXAMPLE_ENV_VAR": "Example Value"}
    assert found.conda_dependencies == project / "aml_config" / "conda_dependencies.yml"
    assert (found.prepare, found.tracked) == (True, True)


def test_the_files_of_this_project_are_read() -> None:
    for name in ("local", "docker"):
        found = run_configuration.load(TREE, name)
        assert compute.load(TREE, found.target).type == name


def test_all_keys_of_the_workbench_are_known(project: Path) -> None:
    (project / "churn.csv").write_text("a\n")
    _write(
        project,
        "all.runconfig",
        LAB
        + "UseSampling: true\nDataSourceSettings:\n  churn: churn.csv\n"
        + 'DataSourceSubstitutions:\n  "big.csv": "churn.csv"\n',
    )
    found = run_configuration.load(project, "all")
    assert found.data == {"churn": project / "churn.csv"}
    assert found.substitutions == {"big.csv": "churn.csv"}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (
            'Target: "docker"\nFramwork: "Python"\n',
            "line 2: 'Framwork' is no key of this file; did you mean 'Framework'?",
        ),
        ('Target: "docker"\nxyz: 1\n', "line 2: 'xyz' is no key of this file; it takes ArgumentVector, Target,"),
        ('Target: "docker"\nTrackedRun: "yes"\n', "line 2: TrackedRun: 'yes' is not true or false"),
        ("Target: 3\n", "line 1: Target: 3 is not a text in quotes"),
        ('Target: "d"\nFramework: "R"\n', "line 2: Framework: 'R' is not one of Python, PySpark"),
        (
            'Target: "d"\nEnvironmentVariables:\n  PORT: 80\n',
            "line 2: EnvironmentVariables: what stands there is not names",
        ),
        ('Target: "d"\nEnvironmentVariables:\n  "A B": "1"\n', "line 2: EnvironmentVariables: 'A B'"),
        ('Target: "d"\nEnvironmentVariables:\n  A: "1\\n2"\n', "values are one line each"),
        ('Target: "d"\nArgumentVector: ["train.py"]\n', 'line 2: ArgumentVector: begins with "$file"'),
        ('Target: "d"\nArgumentVector: ["$file", "$file"]\n', "names it once"),
        ('Target: "d"\nDataSourceSettings: {churn: none.csv}\n', "line 2: DataSourceSettings: 'churn' is 'none.csv'"),
        ('Target: "d"\n\nTarget: "e"\n', "line 3: 'Target' stands also on line 1"),
        ('Framework: "Python"\n', "Target: is missing; name a file aml_config/NAME.compute"),
        ("- Target\n", "holds no keys"),
        ('Target: "d\n', "line "),
        ("Target: [&a 1, *a]\n", "line 1: *a: aliases are not taken"),
        ("? [a]\n: 1\n", "line 1: a key is a text"),
        ('Target: "d"\nTrackedRun: 2019-02-30\n', "line 2: TrackedRun: '2019-02-30' is not true or false"),
        ('Target: "d"\nTrackedRun: !!int two\n', "line 2: 'two' is no int that can be read; write it in quotes"),
        (f'Target: "d"\nTrackedRun: {"9" * 5000}\n', "is no int that can be read; write it in quotes"),
        ('Target: "d"\nTrackedRun: !!timestamp x\n', "line 2: TrackedRun: 'x' is not true or false"),
        ('Target: "d"\nTrackedRun: !!binary "%"\n', "line "),
        ('Target: "d"\nTrackedRun: !!bool maybe\n', "line "),
    ],
)
def test_what_is_wrong_is_said_with_file_line_and_key(project: Path, text: str, words: str) -> None:
    _write(project, "docker.runconfig", text)
    with pytest.raises(ConfigurationError) as caught:
        run_configuration.load(project, "docker")
    message = str(caught.value)
    assert message.startswith(str(project / "aml_config" / "docker.runconfig"))
    assert words in message
    assert "\n" not in message


def test_a_date_is_the_text_that_stands_there(project: Path) -> None:
    _write(project, "docker.runconfig", 'Target: "d"\nEnvironmentVariables: {FROM: 2019-02-30, TO: 2019-03-01}\n')
    assert run_configuration.load(project, "docker").environment == {"FROM": "2019-02-30", "TO": "2019-03-01"}


def test_a_missing_file_is_told_with_what_there_is_and_what_to_write(project: Path) -> None:
    with pytest.raises(ConfigurationError, match=r'docker.runconfig is missing; write one with .* Target: "docker"'):
        run_configuration.load(project, "docker")
    _write(project, "docker.runconfig", LAB)
    with pytest.raises(ConfigurationError, match=r"is missing; did you mean 'docker'\? or write one"):
        run_configuration.load(project, "dokcer")
    with pytest.raises(ConfigurationError, match=r'docker.compute is missing; write one with the line type: "docker"'):
        compute.load(project, "docker")


@pytest.mark.parametrize("name", ["../docker", "", "a b", ".hidden", "x" * 65])
def test_a_name_that_is_no_file_of_aml_config_is_refused(project: Path, name: str) -> None:
    with pytest.raises(ParameterError, match="a name has letters"):
        run_configuration.load(project, name)


def test_the_project_is_the_nearest_folder_with_aml_config(project: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deep = project / "a" / "b"
    deep.mkdir(parents=True)
    monkeypatch.chdir(deep)
    assert run_configuration.project() == project
    assert run_configuration.project_name(project) == "churn_prediction"
    monkeypatch.chdir(project.parent)
    with pytest.raises(ParameterError, match="no aml_config/ here or above"):
        run_configuration.project()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('type: "local"\n', {"type": "local", "network": "none"}),
        (
            'type: "docker"\nbaseDockerImage: "microsoft/mmlspark:plus-0.7.91"\n',
            {"base_image": "microsoft/mmlspark:plus-0.7.91"},
        ),
        (
            "type: docker\nnetwork: bridge\ncpus: 1.5\nmemory: 512m\n",
            {"network": "bridge", "cpus": 1.5, "memory": "512m"},
        ),
        ("type: remotedocker\naddress: a.example:22\nusername: ada\n", {"address": "a.example:22", "username": "ada"}),
        ("type: docker\nnativeSharedDirectory: /srv/x\nsharedVolumes: false\n", {"shared_directory": None}),
        ("type: docker\nnativeSharedDirectory: /srv/x\n", {"shared_directory": "/srv/x"}),
        (
            "type: docker\nuserManagedEnvironment: true\nbaseDockerImage: a:1\npythonLocation: python3.11\n",
            {"user_managed": True},
        ),
    ],
)
def test_a_compute_is_read(project: Path, text: str, expected: dict[str, object]) -> None:
    _write(project, "here.compute", text)
    found = compute.load(project, "here")
    assert {name: getattr(found, name) for name in expected} == expected


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("network: none\n", "type: is missing; it is one of local, docker, remotedocker, kubernetes"),
        ("type: cluster\n", "line 1: type: cluster: HDInsight clusters are gone"),
        ("type: remote\n", "write type: remotedocker"),
        ("type: local\nmemory: 2g\n", "line 2: memory: has no meaning for type local"),
        ("type: docker\naddress: a.example\n", "line 2: address: has no meaning for type docker"),
        ("type: docker\nmemory: lots\n", "line 2: memory: 'lots' is not a size such as 512m or 4g"),
        ("type: docker\ncpus: 0\n", "line 2: cpus: 0 is not a number above 0"),
        ("type: docker\nnetwork: --privileged\n", "line 2: network: '--privileged' is not none, or a network"),
        ("type: docker\nbaseDockerImage: --rm\n", "line 2: baseDockerImage: '--rm' is not an image's reference"),
        (
            "type: docker\nnativeSharedDirectory: /a,source=/\n",
            "nativeSharedDirectory: '/a,source=/' is not an absolute path",
        ),
        ("type: docker\nuserManagedEnvironment: true\n", "line 2: userManagedEnvironment: needs baseDockerImage"),
        ("type: remotedocker\n", "address: is missing"),
        (
            "type: remotedocker\naddress: -oProxyCommand=x\n",
            "line 2: address: '-oProxyCommand=x' is not a host or host:port",
        ),
        ("type: remotedocker\naddress: a\nusername: -x\n", "line 3: username: '-x' is not the name of a user"),
        ("type: remotedocker\naddress: a\npassword: s3cret\n", "line 3: password: secrets have no place in files"),
        ("type: remotedocker\naddress: a\npassword: 12345678\n", "line 3: password: secrets have no place in files"),
        ("type: docker\nbaseDokcerImage: x\n", "did you mean 'baseDockerImage'?"),
    ],
)
def test_a_compute_that_cannot_be_is_refused_by_line(project: Path, text: str, words: str) -> None:
    _write(project, "here.compute", text)
    with pytest.raises(ConfigurationError) as caught:
        compute.load(project, "here")
    assert words in str(caught.value)
    assert [word in str(caught.value) for word in ("s3cret", "12345678")] == [False, False]


def test_reading_needs_nothing_but_yaml() -> None:
    code = (
        "import sys; from workbench.experiments.configurations import compute, run_configuration;"
        " print('yaml' in sys.modules, 'numpy' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=TREE)
    assert done.stdout.split() == ["False", "False"]


def test_a_file_that_is_no_text_is_one_line(project: Path) -> None:
    (project / "aml_config" / "docker.runconfig").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(
        ConfigurationError, match=r"docker.runconfig: cannot be read \(it is no UTF-8\); make it a file"
    ):
        run_configuration.load(project, "docker")
    (project / "aml_config" / "folder.runconfig").mkdir()
    with pytest.raises(
        ConfigurationError, match=r"folder.runconfig: cannot be read \(Is a directory\); make it a file"
    ):
        run_configuration.load(project, "folder")
