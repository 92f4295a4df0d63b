"""An old project, as its users had it: what becomes of each line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import yaml

from tests.fixtures import Call
from tests.projects.old import INDEX, OLD_PROJECTS, content, text, written
from workbench.experiments.configurations import compute, run_configuration
from workbench.experiments.runs import experiment, run_record
from workbench.experiments.runs.experiment import Request
from workbench.projects.old import KEPT, LEFT_OUT, NEEDS_YOU, TRANSLATED, Remark, project

OLD = OLD_PROJECTS / "churn_prediction"


@pytest.fixture(scope="module")
def found() -> project.Imported:
    return project.read(OLD, "churn", INDEX)


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
        ("CATelcoCustomerChurnModelingDocker.py", 5, KEPT, "get_azureml_logger"),
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
    whole = b"".join(content(found, name) for name in found.files)
    whole += project.report(found.remarks).encode() + repr(found.remarks).encode()
    assert b"Hunter2" not in whole
    assert b"c2VjcmV0" not in whole


def test_what_is_written_can_be_read_by_this_workbench(found: project.Imported, tmp_path: Path) -> None:
    folder = written(found, tmp_path)
    for path in (folder / "aml_config").glob("*.runconfig"):
        assert run_configuration.load(folder, path.stem).target == path.stem
    for path in (folder / "aml_config").glob("*.compute"):
        compute.load(folder, path.stem)
    conda = yaml.safe_load(text(found, "aml_config/conda_dependencies.yml"))
    names = ["scikit-learn", "pandas", "numpy", "joblib"]
    assert conda["dependencies"] == ["python=3.11", {"pip": [f"{name}==1.0" for name in names]}]


def test_the_schema_loses_its_pickle_and_keeps_its_columns(found: project.Imported) -> None:
    schema = json.loads(text(found, "service_schema.json"))
    argument = schema["input"]["input_df"]
    assert argument.keys() == {"type", "swagger"}
    assert argument["swagger"]["items"]["properties"]["age"] == {
        "type": "integer", "format": "int64", "x-nullable": True
    }  # fmt: skip


def test_remarks_on_a_script_name_the_lines_of_the_old_file(found: project.Imported) -> None:
    lines = (OLD / "score.py").read_text().splitlines()
    told = [each for each in found.remarks if each.file == "score.py"]
    assert told
    assert all(each.what == lines[each.line - 1].strip() for each in told)


def test_a_score_script_writes_its_schema_in_a_run(
    found: project.Imported, home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new"
    (folder / "aml_config").mkdir(parents=True)
    (folder / "aml_config" / "local.runconfig").write_text('Target: "local"\n')
    (folder / "aml_config" / "local.compute").write_text("type: local\n")
    (folder / "score.py").write_text(text(found, "score.py"))
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
    exec(text(found, "score.py"), served)  # noqa: S102 - as the server does
    assert callable(served["run"])
    assert "DataTypes" not in served


def test_a_file_that_cannot_be_read_is_told_of_and_the_rest_goes_on(tmp_path: Path) -> None:
    shutil.copytree(OLD, tmp_path / "old")
    (tmp_path / "old" / "aml_config" / "local.compute").write_text("type: [")
    (tmp_path / "old" / "service_schema.json").write_text('{"input": {"a": {"swagger": 1, "internal": 2}}}')
    found = project.read(tmp_path / "old", "churn", INDEX)
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
