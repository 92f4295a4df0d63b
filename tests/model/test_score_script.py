import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pytest

from model import onnx_export
from model.dataset import Dataset
from model.fitting import Fitted
from tests.tree import TREE

SCRIPT = TREE / "scoring" / "score.py"


def _load() -> ModuleType:
    spec = importlib.util.spec_from_file_location("score_script", SCRIPT)
    assert spec
    assert spec.loader
    script = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(script)
    return script


@pytest.fixture
def script(fitted: Fitted, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    folder = tmp_path / "models" / "any-name"
    folder.mkdir(parents=True)
    for path, data in fitted.files.items():
        (folder / path).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    loaded = _load()
    loaded.init()
    return loaded


def _probabilities(fitted: Fitted, features: pd.DataFrame) -> npt.NDArray[np.float32]:
    inputs = json.loads(fitted.files["signature.json"])["inputs"]
    categories = {each["name"]: each["categories"] for each in inputs if each["type"] == "string"}
    return onnx_export.probabilities(fitted.files["model.onnx"], onnx_export.tensor(features, categories))


def _rows(data: Dataset) -> list[dict[str, Any]]:
    records = json.loads(data.features.to_json(orient="records", double_precision=15))
    return [{key: None if value == "" else value for key, value in record.items()} for record in records]


def test_every_row_gets_the_models_own_answer(
    script: ModuleType, fitted: Fitted, parts: tuple[Dataset, Dataset]
) -> None:
    _, test = parts
    answers = script.run(input_df=_rows(test))
    expected = _probabilities(fitted, test.features)[:, 1]
    np.testing.assert_allclose([answer["probability"] for answer in answers], expected, atol=1e-6)
    assert [answer["prediction"] for answer in answers] == (expected > 0.5).astype(int).tolist()
    assert json.loads(json.dumps(answers)) == answers


def test_a_rows_answer_does_not_depend_on_the_rows_beside_it(
    script: ModuleType, parts: tuple[Dataset, Dataset]
) -> None:
    rows = _rows(parts[1])[:20]
    assert [script.run([row])[0] for row in rows] == script.run(rows)


def test_states_are_told_apart_and_unknown_ones_are_answered(
    script: ModuleType, parts: tuple[Dataset, Dataset]
) -> None:
    row = _rows(parts[1])[0]
    (unknown,) = script.run([{**row, "state": "ZZ", "annualincome": None}])
    assert 0 <= unknown["probability"] <= 1
    nothing, again = script.run([dict.fromkeys(row), dict.fromkeys(row)])
    assert nothing == again


def test_no_rows_have_no_answers(script: ModuleType) -> None:
    assert script.run([]) == []


def test_the_script_refuses_a_folder_without_its_one_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "models").mkdir()
    monkeypatch.chdir(tmp_path)
    script = _load()
    with pytest.raises(RuntimeError, match="holds 0 folders"):
        script.init()
    with pytest.raises(RuntimeError, match="before init"):
        script.run([{}])
