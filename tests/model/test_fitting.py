import json

import numpy as np
import pandas as pd
import pytest
import threadpoolctl
from sklearn.dummy import DummyClassifier

from model import dataset, fitting, onnx_export, pipeline, sample
from model.columns import FEATURES
from model.dataset import Dataset
from model.fitting import Fitted
from model.parameters import Parameters
from workbench.core.errors import DataError, TrainingError

Parts = tuple[Dataset, Dataset]


def test_no_customer_is_in_both_parts_and_each_class_is_divided_alike(csv_bytes: bytes) -> None:
    for seed in range(5):
        train, test = fitting.split(dataset.parse(csv_bytes, "churn.csv"), 0.25, seed, "churn.csv")
        assert not set(train.customer) & set(test.customer)
        assert len(train.label) + len(test.label) == 1500
        leaving = [len(set(part.customer[part.label == 1])) for part in (train, test)]
        assert leaving[1] == pytest.approx(0.25 * sum(leaving), abs=1)


def test_fitting_keeps_to_one_thread(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    majority = pipeline.majority

    def look() -> DummyClassifier:
        seen.extend(pool["num_threads"] for pool in threadpoolctl.threadpool_info())
        return majority()

    monkeypatch.setattr(pipeline, "majority", look)
    fitting.fit(*parts, Parameters(max_iter=2, replicates=100), 0, lambda _line: None)
    assert set(seen) == {1}


def test_too_few_customers_of_a_class_are_refused_before_fitting() -> None:
    few = dataset.parse(sample.generate(120, seed=0), "few.csv")
    with pytest.raises(DataError, match=r"few.csv: column 'churn' is 1 for 5 customers; at least 10"):
        fitting.split(few, 0.25, 0, "few.csv")


@pytest.mark.parametrize("share", [0.05, 0.5])
def test_the_smallest_allowed_data_still_test_on_both_classes(share: float) -> None:
    data = dataset.parse(sample.generate(480, seed=0), "small.csv")
    train, test = fitting.split(data, share, 1, "small.csv")
    assert {*train.label} == {*test.label} == {0, 1}


@pytest.mark.slow
def test_the_model_beats_both_baselines_by_customer_but_does_not_know_all() -> None:
    data = dataset.parse(sample.generate(20_000, seed=0), "churn.csv")
    fitted = fitting.fit(*fitting.split(data, 0.25, 0, "churn.csv"), Parameters(), 0, lambda _line: None)
    assert 0.75 < fitted.metrics["models"]["model"]["roc_auc"]["value"] < 0.92
    for pair in ("model - majority", "model - logistic"):
        assert fitted.metrics["differences"][pair]["average_precision"]["low"] > 0
        assert fitted.metrics["differences"][pair]["log_loss"]["high"] < 0


def _hard_rows(count: int) -> pd.DataFrame:
    """Rows with missing numbers, missing text, unknown categories and numbers far outside the training data."""
    rng = np.random.default_rng(4)
    frame = dataset.parse(sample.generate(count, seed=9), "new.csv").features.copy()
    for column in FEATURES:
        holes = rng.random(count) < 0.15
        strange = rng.random(count) < 0.1
        if column.kind == "string":
            frame.loc[holes, column.name] = ""
            frame.loc[strange, column.name] = "never seen"
        else:
            frame.loc[strange, column.name] = np.float32(rng.choice([-1e9, 1e9, 0.5]))
            frame.loc[holes, column.name] = np.nan
    return frame


def _learned(fitted: Fitted) -> dict[str, list[str]]:
    inputs = json.loads(fitted.files["signature.json"])["inputs"]
    return {each["name"]: each["categories"] for each in inputs if each["type"] == "string"}


def test_the_schema_refuses_nothing_that_the_training_data_hold(csv_bytes: bytes) -> None:
    train, test = fitting.split(dataset.parse(csv_bytes, "churn.csv"), 0.25, 0, "churn.csv")
    train.features.loc[0, ["age", "calldroprate"]] = [151, -0.5]
    train.features.loc[0, "homeowner"] = "Perhaps"
    schema = fitting.fit(train, test, Parameters(max_iter=2, replicates=100), 0, lambda _line: None).files
    properties = json.loads(schema["service_schema.json"])["input"]["input_df"]["swagger"]["items"]["properties"]
    assert "maximum" not in properties["age"]
    assert "minimum" not in properties["calldroprate"]
    assert "enum" not in properties["homeowner"]


def test_onnx_and_scikit_learn_agree_on_a_thousand_hard_rows(parts: Parts) -> None:
    train, _ = parts
    model = pipeline.churn_model(Parameters(), 0).fit(train.features, train.label)
    rows = _hard_rows(1000)
    assert rows.isna().to_numpy().sum() > 1000
    expected = model.predict_proba(rows)
    inputs = onnx_export.tensor(rows, onnx_export.categories(model))
    assert onnx_export.largest_difference(onnx_export.to_onnx(model), inputs, expected) < 1e-5
    assert np.ptp(expected[:, 1]) > 0.1


def test_a_column_that_is_missing_throughout_trains_and_agrees(csv_bytes: bytes) -> None:
    data = dataset.parse(csv_bytes, "churn.csv")
    data.features["noadditionallines"] = np.float32("nan")
    fitted = fitting.fit(*fitting.split(data, 0.25, 0, "churn.csv"), Parameters(max_iter=5), 0, lambda _line: None)
    assert fitted.metrics["onnx_largest_difference"] < 1e-5
    schema = json.loads(fitted.files["service_schema.json"])
    assert "noadditionallines" in schema["input"]["input_df"]["swagger"]["items"]["properties"]
    inputs = onnx_export.tensor(dataset.parse(csv_bytes, "churn.csv").features, _learned(fitted))
    assert np.isfinite(onnx_export.probabilities(fitted.files["model.onnx"], inputs)).all()


def test_a_model_that_answers_otherwise_in_onnx_is_refused(fitted: Fitted, parts: Parts) -> None:
    _, test = parts
    wrong = np.full((len(test.label), 2), 0.5)
    with pytest.raises(TrainingError, match=r"differ by .* nothing was registered"):
        onnx_export.largest_difference(
            fitted.files["model.onnx"], onnx_export.tensor(test.features, _learned(fitted)), wrong
        )


def test_the_signature_describes_the_models_one_tensor(fitted: Fitted) -> None:
    import onnxruntime

    session = onnxruntime.InferenceSession(fitted.files["model.onnx"])
    signature = json.loads(fitted.files["signature.json"])
    (tensor,) = session.get_inputs()
    assert (tensor.name, tensor.type, tensor.shape[1:]) == (signature["tensor"], "tensor(float)", [26])
    assert [each["name"] for each in signature["inputs"]] == [*pipeline.TEXTS, *pipeline.NUMBERS]
    assert [each.name for each in session.get_outputs()] == list(signature["outputs"].values())
    assert next(each for each in signature["inputs"] if each["name"] == "gender")["categories"] == ["Female", "Male"]


def test_the_encoder_is_folded_into_the_trees(fitted: Fitted) -> None:
    import onnx

    graph = onnx.load_from_string(fitted.files["model.onnx"]).graph
    assert [node.op_type for node in graph.node] == ["TreeEnsembleClassifier"]
    (modes,) = [each.strings for each in graph.node[0].attribute if each.name == "nodes_modes"]
    assert {b"LEAF", b"BRANCH_LEQ", b"BRANCH_NEQ"} == set(modes)


def test_a_split_that_cannot_be_folded_stops_the_training(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    train, _ = parts
    model = pipeline.churn_model(Parameters(max_iter=2), 0).fit(train.features, train.label)
    backwards = [(place, 0) for place in range(len(pipeline.TEXTS + pipeline.NUMBERS))] * 3
    monkeypatch.setattr(onnx_export, "_origins", lambda _model: backwards)
    with pytest.raises(TrainingError, match="can't be folded"):
        onnx_export.to_onnx(model)


def test_the_schema_has_the_contracts_shape_and_real_rows(fitted: Fitted) -> None:
    schema = json.loads(fitted.files["service_schema.json"])
    argument = schema["input"]["input_df"]
    assert argument.keys() == {"type", "swagger"}
    assert argument["type"] == 3
    properties = argument["swagger"]["items"]["properties"]
    assert properties["age"] == {"type": "integer", "format": "int64", "minimum": 0, "maximum": 150}
    assert properties["calldroprate"] == {"type": "number", "format": "double", "minimum": 0, "maximum": 1}
    assert properties["noadditionallines"] == {"type": "integer", "format": "int64", "x-nullable": True, "minimum": 0}
    assert properties["homeowner"] == {"type": "string", "enum": ["No", "Yes"]}
    assert properties["state"] == {"type": "string"}
    examples = argument["swagger"]["example"]
    assert len(examples) == 3
    assert all(row.keys() == properties.keys() for row in examples)
    assert None in [row["noadditionallines"] for row in examples]
    assert all(row["calldroprate"] == round(row["calldroprate"], 2) for row in examples)
