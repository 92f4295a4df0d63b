"""An old project, as its users had it: what becomes of each line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from model.configurations import compute, run_configuration
from model.projects.old import KEPT, LEFT_OUT, NEEDS_YOU, TRANSLATED, Remark, project, script
from model.runs import experiment, run_record
from model.runs.experiment import Request
from tests.model.conftest import Call

OLD = Path(__file__).parent / "old_projects" / "churn_prediction"


def _asks(requirement: str) -> bool:
    """As today's index: old pins have no wheels."""
    return requirement != "scikit-learn==0.18.1.*"


@pytest.fixture(scope="module")
def found() -> project.Imported:
    return project.read(OLD, _asks)


def _remarks(found: project.Imported, file: str, line: int) -> list[Remark]:
    return [each for each in found.remarks if (each.file, each.line) == (file, line)]


@pytest.mark.parametrize(
    ("file", "line", "verdict", "what"),
    [
        ("aml_config/docker.compute", 2, LEFT_OUT, "microsoft/mmlspark"),
        ("aml_config/build.compute", 4, LEFT_OUT, "password: ***"),
        ("aml_config/docker.runconfig", 6, LEFT_OUT, "STORAGE_ACCOUNT_KEY: ***"),
        ("aml_config/docker.runconfig", 7, TRANSLATED, "PySpark"),
        ("aml_config/docker.runconfig", 13, LEFT_OUT, "DataSourceSettings"),
        ("aml_config/conda_dependencies.yml", 7, TRANSLATED, "python=3.5.2"),
        ("aml_config/conda_dependencies.yml", 8, TRANSLATED, "scikit-learn=0.18.1"),
        ("aml_config/conda_dependencies.yml", 10, LEFT_OUT, "cudatoolkit"),
        ("aml_config/conda_dependencies.yml", 12, LEFT_OUT, "azure-ml-api-sdk"),
        ("aml_config/spark_dependencies.yml", 7, LEFT_OUT, "com.microsoft.ml.spark:mmlspark_2.11:0.7.91"),
        ("service_schema.json", 5, LEFT_OUT, "internal of input_df"),
        ("score.py", 8, TRANSLATED, "joblib"),
        ("score.py", 2, TRANSLATED, "DataTypes"),
        ("score.py", 23, KEPT, "generate_schema"),
        ("model.pkl", 0, LEFT_OUT, "the file"),
        ("CATelcoCustomerChurnTrainingSample.dprep", 0, NEEDS_YOU, "the file"),
    ],
)
def test_each_part_is_told_of_with_its_line(
    found: project.Imported, file: str, line: int, verdict: str, what: str
) -> None:
    (remark,) = _remarks(found, file, line)
    assert remark.verdict == verdict
    assert what in remark.what
    assert remark.why


def test_secrets_reach_neither_files_nor_the_report(found: project.Imported) -> None:
    content = b"".join(found.files.values()) + project.report(found.remarks).encode() + repr(found.remarks).encode()
    assert b"Hunter2" not in content
    assert b"c2VjcmV0" not in content


def test_what_is_written_can_be_read_by_this_workbench(found: project.Imported, tmp_path: Path) -> None:
    for name, data in found.files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    for path in (tmp_path / "aml_config").glob("*.runconfig"):
        assert run_configuration.load(tmp_path, path.stem).target == path.stem
    for path in (tmp_path / "aml_config").glob("*.compute"):
        compute.load(tmp_path, path.stem)
    conda = yaml.safe_load(found.files["aml_config/conda_dependencies.yml"])
    assert conda["dependencies"] == ["python=3.11", {"pip": ["scikit-learn", "pandas"]}]


def test_the_schema_loses_its_pickle_and_keeps_its_columns(found: project.Imported) -> None:
    schema = json.loads(found.files["service_schema.json"])
    argument = schema["input"]["input_df"]
    assert argument.keys() == {"type", "swagger"}
    assert argument["swagger"]["items"]["properties"]["age"] == {
        "type": "integer", "format": "int64", "x-nullable": True
    }  # fmt: skip


def test_scripts_keep_their_line_numbers_and_compile(found: project.Imported) -> None:
    for name in ("score.py", "CATelcoCustomerChurnModelingDocker.py"):
        new, old = found.files[name].decode(), (OLD / name).read_text()
        assert len(new.splitlines()) == len(old.splitlines())
        compile(new, name, "exec")
    score = found.files["score.py"].decode()
    assert "    import joblib\n" in score


def test_a_score_script_writes_its_schema_in_a_run(
    found: project.Imported, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    (folder / "aml_config").mkdir(parents=True)
    (folder / "aml_config" / "local.runconfig").write_text('Target: "local"\n')
    (folder / "aml_config" / "local.compute").write_text("type: local\n")
    (folder / "score.py").write_bytes(found.files["score.py"])
    monkeypatch.chdir(folder)
    outcome = experiment.submit(Request(configuration="local", script="score.py"), print, lambda _: None)
    assert run_record.files(outcome.run_id or "").is_relative_to(home)
    assert outcome.outputs == ("service_schema.json",)
    written = run_record.files(outcome.run_id or "") / "outputs" / "service_schema.json"
    argument = json.loads(written.read_text())["input"]["input_df"]
    assert argument["type"] == 3
    assert argument["swagger"]["items"]["properties"]["calldroprate"]["type"] == "number"


def test_a_score_script_is_served_where_nothing_of_the_retired_service_is(found: project.Imported) -> None:
    served: dict[str, object] = {"__name__": "score"}
    exec(found.files["score.py"], served)  # noqa: S102 - as the server does
    assert callable(served["run"])
    assert "DataTypes" not in served


def test_a_script_that_is_not_served_keeps_its_imports() -> None:
    text = "from azureml.api.schema.dataTypes import DataTypes\nfrom azureml.api.other import X\n"
    made = script.translate(text, "a.py", "model")
    assert (made.text or "").splitlines() == [text.splitlines()[0], f"pass  # {text.splitlines()[1]}"]
    assert [each.verdict for each in made.remarks] == [KEPT, LEFT_OUT]


def test_a_statement_of_several_lines_is_replaced_whole() -> None:
    text = "from azureml.dataprep import (\n    package,\n)\nx = 1\n"
    made = script.translate(text, "a.py", "model")
    assert made.text is not None
    compile(made.text, "a.py", "exec")
    assert made.text.splitlines()[3] == "x = 1"


def test_a_script_of_python_2_stays_and_is_told_of() -> None:
    made = script.translate("x = 1\nprint 'hello'\n", "a.py", "model")
    assert made.text == "x = 1\nprint 'hello'\n"
    assert [(each.line, each.verdict) for each in made.remarks] == [(2, NEEDS_YOU)]


def test_a_file_that_cannot_be_read_is_told_of_and_the_rest_goes_on(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "old")
    (tmp_path / "old" / "aml_config" / "local.compute").write_text("type: [")
    (tmp_path / "old" / "service_schema.json").write_text('{"input": {"a": {"swagger": 1, "internal": 2}}}')
    found = project.read(tmp_path / "old", _asks)
    assert _remarks(found, "aml_config/local.compute", 1)[0].verdict == NEEDS_YOU
    assert _remarks(found, "service_schema.json", 1)[0].verdict == NEEDS_YOU
    assert "score.py" in found.files


def test_a_folder_without_aml_config_is_refused_in_one_line(call: Call, tmp_path: Path) -> None:
    code, _, err = call("project", "import", str(tmp_path), "--to", str(tmp_path.parent / "new"))
    assert (code, err.count("\n")) == (1, 1)
    assert "has no aml_config/" in err


def test_the_new_project_is_never_inside_of_the_old_one(call: Call) -> None:
    code, _, err = call("project", "import", str(OLD), "--to", str(OLD / "new"))
    assert code != 0
    assert "lies inside of the old project" in err
