import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.processes import is_gone
from workbench.core.errors import WorkbenchError
from workbench.experiments.runs import experiment, run_record, tracked
from workbench.experiments.runs.experiment import Outcome, Request
from workbench.experiments.targets import TargetError

pytestmark = pytest.mark.slow

Submit = Callable[..., Outcome]


@pytest.fixture
def project(tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "lab"
    (folder / "aml_config").mkdir(parents=True)
    _configure(folder)
    monkeypatch.chdir(folder)
    assert home.parent == tmp_path
    return folder


def _configure(folder: Path, runconfig: str = "", compute: str = "") -> None:
    (folder / "aml_config" / "local.runconfig").write_text(f'Target: "local"\n{runconfig}')
    (folder / "aml_config" / "local.compute").write_text(f"type: local\n{compute}")


@pytest.fixture
def submit(project: Path) -> Submit:
    """Submit a script with this text; `printed` on the function is what was shown."""

    def run(text: str, *arguments: str) -> Outcome:
        (project / "script.py").write_text(text)
        printed.clear()
        request = Request(configuration="local", script="script.py", arguments=arguments)
        return experiment.submit(request, said.append, printed.append)

    printed: list[bytes] = []
    said: list[str] = []
    run.printed = printed  # type: ignore[attr-defined]  # read by the tests
    run.said = said  # type: ignore[attr-defined]
    return run


def _printed(submit: Submit) -> str:
    return b"".join(submit.printed).decode()  # type: ignore[attr-defined]


def _record(outcome: Outcome) -> dict[str, Any]:
    return run_record.get(outcome.run_id or "")


def test_the_id_comes_first_and_all_that_is_printed_in_its_order(submit: Submit) -> None:
    outcome = submit("import sys\nfor n in range(3): print(n); print(n + 10, file=sys.stderr)\n")
    assert _printed(submit).splitlines() == [f"RunId: {outcome.run_id}", "0", "10", "1", "11", "2", "12"]
    folder = run_record.files(outcome.run_id or "")
    assert (folder / "log.txt").read_text() == "0\n10\n1\n11\n2\n12\n"
    assert (outcome.ended.code, _record(outcome)["status"]) == (0, "completed")


def test_files_of_outputs_and_files_beside_the_script_are_outputs(submit: Submit, project: Path) -> None:
    (project / "outputs").mkdir()
    (project / "outputs" / "old.pkl").write_text("0")
    (project / "data.csv").write_text("1")
    outcome = submit(
        "import os, pathlib, shutil\n"
        "assert not os.listdir('outputs')\n"
        "pathlib.Path('outputs/deep').mkdir()\n"
        "pathlib.Path('outputs/deep/a.txt').write_text('a')\n"
        "pathlib.Path('outputs/model.pkl').write_text('inside')\n"
        "pathlib.Path('model.pkl').write_text('beside')\n"
        "pathlib.Path('data.csv').write_text('2')\n"
        "shutil.copy2('aml_config/local.compute', 'copied')\n"
        "pathlib.Path('link').symlink_to('/etc/hostname')\n"
    )
    assert outcome.outputs == ("beside/model.pkl", "copied", "data.csv", "deep/a.txt", "model.pkl")
    folder = run_record.files(outcome.run_id or "") / "outputs"
    assert (folder / "model.pkl").read_text() == "inside"
    assert (folder / "beside" / "model.pkl").read_text() == "beside"
    assert (project / "data.csv").read_text() == "1"
    assert sorted(path.name for path in project.iterdir()) == ["aml_config", "data.csv", "outputs", "script.py"]


def test_what_the_script_tells_is_in_the_record(submit: Submit) -> None:
    outcome = submit(
        "from workbench import tracking\nfrom azureml.logging import get_azureml_logger\n"
        "tracking.log('loss', 2)\ntracking.log('loss', 1)\ntracking.parameters(folds=5)\n"
        "get_azureml_logger().log('Accuracy', 0.9)\n",
        "--depth", "4",
    )  # fmt: skip
    record = _record(outcome)
    assert record["metrics"] == {"loss": 1, "Accuracy": 0.9}
    assert record["parameters"] == {"depth": 4, "folds": 5}
    assert record["series"] == {"loss": 2}
    assert len(tracked.read(run_record.files(record["id"])).series["loss"]) == 2


def test_what_went_in_is_in_the_record(submit: Submit, project: Path, tmp_path: Path) -> None:
    (project / "churn.csv").write_text("a\n")
    (tmp_path / "more.csv").write_text("b\n")
    _configure(project, 'EnvironmentVariables:\n  "SHOWN": "1"\n  "API_TOKEN": "s3cret"\n')
    text = "import os, sys\nprint(os.environ['API_TOKEN'], open(sys.argv[1]).read(), open(sys.argv[2]).read())\n"
    first = _record(submit(text, "churn.csv", "../more.csv"))
    assert _printed(submit).endswith("s3cret a\n b\n\n")
    assert first["environment_variables"] == {"API_TOKEN": "***", "SHOWN": "1"}
    assert "s3cret" not in json.dumps(first)
    assert set(first["inputs"]["data"]) == {"churn.csv", "../more.csv"}
    assert first["environment"]["python"] == sys.version.split()[0]
    assert first["git"] is None
    assert _record(submit(text, "churn.csv", "../more.csv"))["inputs_digest"] == first["inputs_digest"]
    (tmp_path / "more.csv").write_text("c\n")
    assert _record(submit(text, "churn.csv", "../more.csv"))["inputs_digest"] != first["inputs_digest"]


@pytest.mark.parametrize(
    ("text", "code", "error"),
    [
        ("print('a')\nraise SystemExit(3)\n", 3, "a"),
        ("raise ValueError('no rows')\n", 1, "ValueError: no rows"),
        ("raise SystemExit(7)\n", 7, "it printed nothing"),
        ("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", 137, "it was ended by SIGKILL"),
    ],
)
def test_a_script_that_fails_passes_its_code_on_and_says_why(submit: Submit, text: str, code: int, error: str) -> None:
    outcome = submit(text)
    record = _record(outcome)
    assert (outcome.ended.code, record["exit_code"], record["status"]) == (code, code, "failed")
    assert record["error"] == error


def test_what_a_script_leaves_running_keeps_no_run_from_ending(submit: Submit, tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    outcome = submit(
        "import subprocess, sys\n"
        "left = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600)'])\n"
        f"open({str(pid)!r}, 'w').write(str(left.pid))\n"
    )
    assert outcome.ended.code == 0
    assert is_gone(int(pid.read_text()))


def test_an_untracked_run_leaves_no_record_and_gives_its_files_to_the_project(submit: Submit, project: Path) -> None:
    _configure(project, "TrackedRun: false\n")
    outcome = submit("open('model.pkl', 'w').write('1')\nopen('outputs/a', 'w').write('2')\n")
    assert (outcome.run_id, run_record.list_all()) == (None, [])
    assert ((project / "model.pkl").read_text(), (project / "outputs" / "a").read_text()) == ("1", "2")
    assert submit.said == ["this run is not recorded: TrackedRun is false; what it writes comes back to the project"]  # type: ignore[attr-defined]


def test_nothing_of_a_run_stays_in_the_home_but_its_record(submit: Submit, home: Path) -> None:
    submit("open('a', 'w').write('1')\n")
    assert list((home / "work").iterdir()) == []


def test_a_shared_directory_is_told_to_the_script(submit: Submit, project: Path, tmp_path: Path) -> None:
    _configure(project, compute=f"nativeSharedDirectory: {tmp_path}\n")
    submit("import os\nprint(os.environ['AZUREML_NATIVE_SHARE_DIRECTORY'])\n")
    assert str(tmp_path) in _printed(submit)


@pytest.mark.parametrize("python", ["/bin/true", "no-such-python"])
def test_an_interpreter_that_cannot_be_used_is_told_before_a_run_begins(
    submit: Submit, project: Path, python: str
) -> None:
    _configure(project, compute=f"pythonLocation: {python}\n")
    with pytest.raises(TargetError, match=f"local.compute: pythonLocation: {python}: is no Python that runs"):
        submit("print(1)\n")
    assert run_record.list_all() == []


def test_spark_settings_reach_the_script(
    submit: Submit, project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A pyspark that is there but does nothing: what is tested is the way of the settings.
    (tmp_path / "lib" / "pyspark").mkdir(parents=True)
    (tmp_path / "lib" / "pyspark" / "__init__.py").touch()
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nPYTHONPATH={tmp_path}/lib:$PYTHONPATH exec {sys.executable} "$@"\n')
    python.chmod(0o755)
    _configure(project, 'Framework: "PySpark"\n', f"pythonLocation: {python}\n")
    with pytest.raises(WorkbenchError, match=r"spark_dependencies.yml is missing; write one with"):
        submit("print(1)\n")
    settings = project / "aml_config" / "spark_dependencies.yml"
    settings.write_text('configuration:\n  "spark.driver.memory": "1g"\n')
    monkeypatch.setenv("JAVA_HOME", str(tmp_path / "java"))
    with pytest.raises(WorkbenchError, match=r"none on PATH or in JAVA_HOME; install a Java runtime of 17"):
        submit("print(1)\n")
    (tmp_path / "java" / "bin").mkdir(parents=True)
    (tmp_path / "java" / "bin" / "java").touch(0o755)
    submit("import os\nprint(open(os.environ['SPARK_CONF_DIR'] + '/spark-defaults.conf').read())\n")
    assert "spark.driver.memory 1g\nspark.master local[*]\n" in _printed(submit)
    settings.write_text("packages:\n  - group: com.microsoft\n    artifact: mmlspark\n    version: '0.7'\n")
    with pytest.raises(WorkbenchError, match=r"line 2: packages: .* comes from Maven, which runs can't reach"):
        submit("print(1)\n")


def test_links_and_names_that_are_not_utf8_lose_no_run_and_are_told(submit: Submit) -> None:
    outcome = submit(
        "import os, pathlib\n"
        "pathlib.Path('outputs/model.pkl').write_text('1')\n"
        "pathlib.Path('outputs/link').symlink_to('model.pkl')\n"
        "open(b'outputs/caf\\xe9', 'w').close()\n"
        "open('outputs/' + 'n' * 250, 'w').close()\n"
    )
    assert _record(outcome)["status"] == "completed"
    assert outcome.outputs == ("caf%E9", "model.pkl", "n" * 250)
    said = submit.said  # type: ignore[attr-defined]
    assert [line for line in said if "'outputs/link' is a link" in line]
    assert [line for line in said if "is kept as caf%E9" in line]


def test_a_run_that_is_not_recorded_changes_nothing_of_git_nor_what_is_hidden(submit: Submit, project: Path) -> None:
    _configure(project, "TrackedRun: false\n")
    (project / ".git" / "hooks").mkdir(parents=True)
    (project / ".env").write_text("SECRET=1")
    outcome = submit(
        "import pathlib\n"
        "for name in ('.git/hooks/pre-commit', '.env', 'fine.txt'):\n"
        "    pathlib.Path(name).parent.mkdir(parents=True, exist_ok=True)\n"
        "    pathlib.Path(name).write_text('evil')\n"
    )
    assert outcome.outputs == ("fine.txt",)
    assert list((project / ".git" / "hooks").iterdir()) == []
    assert (project / ".env").read_text() == "SECRET=1"
    assert sum("is not given back" in line for line in submit.said) == 2  # type: ignore[attr-defined]


def test_a_project_with_names_that_are_not_utf8_goes_along(submit: Submit, project: Path) -> None:
    with open(os.fsencode(project) + b"/caf\xe9.csv", "w", encoding="utf-8"):  # noqa: PTH123 - of bytes
        pass
    outcome = submit("import os\nassert b'caf\\xe9.csv' in os.listdir(b'.')\n")
    assert _record(outcome)["status"] == "completed"
